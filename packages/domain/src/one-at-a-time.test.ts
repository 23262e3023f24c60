import { describe, expect, it } from '@jest/globals';
import { oneAtATime } from './one-at-a-time.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Work that is done in turn', () => {
  it('lets what comes after one piece of it go on before the next piece begins', async () => {
    const order: string[] = [];
    const one = async (name: string) => {
      await oneAtATime(() => order.push(`${name} works`));
      order.push(`${name} asks for more`);
    };
    await Promise.all([one('first'), one('second'), one('third')]);
    expect(order).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} works`, `${name} asks for more`]));
  });

  it('begins in a turn of the event loop of its own', async () => {
    let turns = 0;
    const counted = turn().then(() => {
      turns += 1;
    });
    expect(await oneAtATime(() => turns)).toBe(1);
    await counted;
  });

  it('fails alone', async () => {
    const failing = oneAtATime(() => {
      throw new Error('no users');
    });
    const next = oneAtATime(() => 'done');
    await expect(failing).rejects.toThrow('no users');
    expect(await next).toBe('done');
  });
});
