import { KeptBody } from '@granary/runtime/http/kept-body';
import { describe, expect, it } from '@jest/globals';
import { makeKeptBodies } from './kept-bodies.ts';

describe('kept bodies', () => {
  it('are made once, and again when they had to make room', async () => {
    const made: string[] = [];
    const body = new KeptBody('x'.repeat(100));
    const bodies = makeKeptBodies({ max_bytes: body.cost * 2 });
    const get = (name: string) =>
      bodies.get(name, async () => {
        made.push(name);
        return new KeptBody('x'.repeat(100));
      });
    await get('a');
    await get('b');
    await get('a'); // now b is the one not used for longest
    await get('c');
    await get('a');
    await get('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are not kept when one alone is more than the room there is', async () => {
    const bodies = makeKeptBodies({ max_bytes: 10 });
    let made = 0;
    const make = async () => {
      made++;
      return new KeptBody('x'.repeat(100));
    };
    await bodies.get('a', make);
    await bodies.get('a', make);
    expect(made).toBe(2);
  });
});
