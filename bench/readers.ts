/**
 * A hundred readers at once on `npm start`: each asks for records, datasets and a wide route in turn, through the one
 * address, as the demo reader. No answer may be an error; half of the answers and the slowest hundredth stand beside
 * each other. serverless-offline and the embedded AWS are in every figure: they say what a laptop bears, not what
 * Lambda does.
 */
import { dropState, newState, startStack } from '../tests/e2e/stack.ts';
import { printWhenMain } from './print.ts';
import { READER_PATHS } from './reader-paths.ts';
import type { BenchRow } from './row.ts';

const READERS = 100;

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const state = newState();
  const stack = await startStack({ state });
  try {
    const headers = { authorization: `Bearer ${await stack.token('reader')}` };
    const address = `http://127.0.0.1:${stack.port}`;
    const times: number[] = [];
    const errors = new Map<number, number>();
    const ask = async (path: string) => {
      const begun = performance.now();
      const answer = await fetch(address + path, { headers });
      await answer.arrayBuffer();
      times.push(performance.now() - begun);
      if (!answer.ok) errors.set(answer.status, (errors.get(answer.status) ?? 0) + 1);
    };
    for (const path of READER_PATHS) await ask(path);
    times.length = 0;
    const end = performance.now() + (quick ? 3_000 : 15_000);
    const reader = async (first: number) => {
      for (let n = first; performance.now() < end; n++) await ask(READER_PATHS[n % READER_PATHS.length] as string);
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: READERS }, (_, index) => reader(index)));
    const seconds = (performance.now() - begun) / 1000;
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor((times.length - 1) * share)] as number;
    const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
    const row = (what: string, value: number, unit: string, peer: string): BenchRow => ({
      goal: '',
      what,
      value,
      unit,
      peer,
      ratio: 1,
      limit: 0,
      met: true,
    });
    const kinds = [...errors].map(([status, count]) => `${count} × ${status}`).join(', ');
    return [
      {
        ...row(`${READERS} readers at once on npm start: errors`, failed, 'answers', `of ${times.length} ${kinds}`),
        goal: 'readers',
        met: failed === 0,
      },
      row('the same: half of the answers within', at(0.5), 'ms', `99 of 100 within ${at(0.99).toFixed(0)} ms`),
      row('the same: answers', times.length / seconds, 'a second', `slowest ${at(1).toFixed(0)} ms`),
    ];
  } finally {
    await stack.stop();
    dropState(state);
  }
};

await printWhenMain(import.meta, run);
