import { describe, expect, it } from '@jest/globals';
import { filesTooLong } from './file-length.ts';
import { namesUsedTwice } from './one-name.ts';

describe('the rule of one name', () => {
  it('names two files of one name, and two exported types', () => {
    const found = namesUsedTwice([
      { path: 'packages/a/src/state.ts', text: 'export type State = 1;\n' },
      { path: 'services/b/src/rooms/state.ts', text: 'export class State {}\n' },
    ]);
    expect(found).toEqual([
      'packages/a/src/state.ts and services/b/src/rooms/state.ts are both called state.ts: name one of them by what it is.',
      'packages/a/src/state.ts and services/b/src/rooms/state.ts both export a type State: rename one of them.',
    ]);
  });

  it('has nothing to say of tests, of the entries of programs, and of the contract of a port', () => {
    const paths = ['a/src/main.ts', 'b/src/main.ts', 'a/src/ports/store.ts', 'b/src/contracts/store.ts'];
    const files = paths.map((path) => ({ path: `packages/${path}`, text: '' }));
    const tests = ['a', 'b'].map((name) => ({
      path: `packages/${name}/src/testing/world.ts`,
      text: 'export type W = 1;\n',
    }));
    expect(namesUsedTwice([...files, ...tests])).toEqual([]);
  });
});

describe('the rule of the length of files', () => {
  const lines = (count: number) => 'x;\n'.repeat(count);

  it('names what is too long, a test later than other files', () => {
    const found = filesTooLong([
      { path: 'a.ts', text: lines(301) },
      { path: 'b.ts', text: lines(300) },
      { path: 'c.test.ts', text: lines(400) },
      { path: 'd.test.ts', text: lines(401) },
      { path: 'e.gen.ts', text: lines(1000) },
      { path: 'f.md', text: lines(1000) },
      { path: 'services/api/src/endpoints/a/get-b.ts', text: lines(61) },
    ]);
    expect(found).toEqual([
      'a.ts has 301 lines, and 300 are the most: split it, or begin it with a comment "Long: why".',
      'd.test.ts has 401 lines, and 400 are the most: split it, or begin it with a comment "Long: why".',
      'services/api/src/endpoints/a/get-b.ts has 61 lines, and 60 are the most: split it, or begin it with a comment "Long: why".',
    ]);
  });

  it('takes a reason in the first comment, and in no other', () => {
    const reason = '/**\n * Answers.\n * Long: one entry for each.\n */\n';
    expect(filesTooLong([{ path: 'a.ts', text: reason + lines(301) }])).toEqual([]);
    expect(filesTooLong([{ path: 'a.ts', text: `/** Answers. */\nx;\n${reason}${lines(301)}` }])).toHaveLength(1);
  });
});
