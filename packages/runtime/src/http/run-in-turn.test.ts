import { describe, expect, it } from '@jest/globals';
import middy from '@middy/core';
import type { Request } from './call.ts';
import { runInTurn } from './run-in-turn.ts';

type Log = string[];
const later = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A middleware that says what it is called for, at once or later. */
const saying = (log: Log, name: string, wait: () => unknown, handled = false) => ({
  before: async () => {
    await wait();
    log.push(`before ${name}`);
  },
  after: async () => {
    await wait();
    log.push(`after ${name}`);
  },
  onError: async (request: Request) => {
    await wait();
    log.push(`error ${name}`);
    if (handled) request.response = (request.error as Error).message;
  },
});

type Stack = { (event: object, context: object): Promise<unknown>; use(middleware: object): Stack };

const stackOf = (handle: () => unknown, mode: object = { executionMode: runInTurn }): Stack =>
  middy(handle as never, { timeoutEarlyInMillis: 0, ...mode } as never) as unknown as Stack;

const fail = () => {
  throw new Error('no');
};

describe('the execution mode of endpoints', () => {
  it("does what Middy's own does, whatever waits and whatever fails", async () => {
    const handlers = { value: () => 7, promise: async () => 7, fails: fail, rejects: async () => fail() };
    for (const [name, handle] of Object.entries(handlers)) {
      for (const broken of [undefined, 'before', 'after', 'onError'] as const) {
        for (const handled of [true, false]) {
          const [ours, standard] = await Promise.all(
            [undefined, {}].map(async (mode) => {
              const log: Log = [];
              const stack = stackOf(handle, mode)
                .use(saying(log, 'outer', later, handled))
                .use(saying(log, 'inner', () => undefined));
              if (broken) stack.use({ [broken]: fail });
              const result = await stack({}, {}).catch((error: Error) => `rejected: ${error.message}`);
              return { result, log };
            }),
          );
          expect({ name, broken, handled, ...ours }).toEqual({ name, broken, handled, ...standard });
        }
      }
    }
  });
});
