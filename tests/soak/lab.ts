import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '@granary/replica/prng';
import { setReplica } from '../e2e/collecting.ts';
import { freePorts, newState, type Stack, startStack } from '../e2e/stack.ts';

/** After a start the API compiles its first functions, and what was under way begins anew. */
const UNSETTLED_MS = 20_000;

export type Lab = {
  /** The stack that runs now; another one after each kill, on the same port and state. */
  readonly stack: Stack;
  readonly state: string;
  readonly kills: number;
  /** Whether the stack is being killed, or has only just been: who asks may be answered wrong, or not at all. */
  isDisturbed(): boolean;
  /** `kill -9` of all its processes, and a new start `after_ms` later. */
  killAndRestart(after_ms: number): Promise<void>;
};

export type Random = ReturnType<typeof randomOf>;
export const randomFor = (seed: string, actor: string): Random => randomOf('soak', seed, actor);

/** A stack of its own: nothing limits users' calls but our own pace, which is made faster than in the cloud. */
export const startLab = async (): Promise<Lab> => {
  const state = newState();
  const port = await freePorts();
  const env = { GRANARY_USERS_PER_MINUTE: '600' };
  const start = async (args: readonly string[]): Promise<Stack> => {
    const started = await startStack({ state, port, env, args, timeout_ms: 400_000 });
    await setReplica(started, { rate_limit: null });
    return started;
  };
  let stack = await start([]);
  let kills = 0;
  let disturbed_until = 0;
  return {
    get stack() {
      return stack;
    },
    state,
    get kills() {
      return kills;
    },
    isDisturbed: () => performance.now() < disturbed_until,
    async killAndRestart(after_ms) {
      disturbed_until = Number.POSITIVE_INFINITY;
      await stack.kill();
      kills += 1;
      await sleep(after_ms);
      stack = await start(['--no-collect']);
      disturbed_until = performance.now() + UNSETTLED_MS;
    },
  };
};
