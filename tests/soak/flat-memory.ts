/**
 * Whether memory stays flat under readers (X13): `node scripts/bootstrap.mjs tests/soak/flat-memory.ts [minutes] [more
 * minutes] [idle minutes]`, 6, 5 and 2 unless told. 20 readers on a stack of its own; what each process holds is
 * printed as it goes. Ends with 1 when an answer failed, when the memory after `more` is above 1.15 times that before,
 * or when idling does not give it back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { dropState, newState, startStack } from '../e2e/stack.ts';
import { type Memory, memoryOf } from './memory.ts';
import { startReaders } from './readers.ts';

const READERS = 20;
const LIMIT = 1.15;
const EVERY_MS = 10_000;

const [minutes = 6, more = 5, idle = 2] = process.argv.slice(2).map(Number);
const state = newState();
const stack = await startStack({ state });
const begun = performance.now();
const sample = (what: string): Memory => {
  const memory = memoryOf(stack.local.pids, begun);
  console.log(`${what.padEnd(8)} ${JSON.stringify(memory)}`);
  return memory;
};
/** The least of three: a collection of garbage may be due. */
const settled = async (what: string): Promise<Memory> => {
  let least = sample(what);
  for (let n = 0; n < 2; n++) {
    await sleep(3_000);
    const next = sample(what);
    if (next.all < least.all) least = next;
  }
  return least;
};
const during = async (what: string, length: number): Promise<void> => {
  const end = performance.now() + length * 60_000;
  while (performance.now() < end) {
    await sleep(Math.min(EVERY_MS, Math.max(0, end - performance.now())));
    sample(what);
  }
};

try {
  const ready = sample('ready');
  const reading = startReaders(stack, { count: READERS });
  await during('reading', minutes);
  const first = await settled('after');
  const answered = reading.answers;
  await during('reading', more);
  const second = await settled('after');
  await reading.stop();
  await during('idle', idle);
  const idled = await settled('idle');
  const ratio = second.all / first.all;
  console.log(
    `${reading.answers} answers (${answered} in the first ${minutes} min), ${reading.throttled} throttled, ${reading.failed.length} failed`,
  );
  for (const failure of reading.failed) console.log(failure);
  console.log(`MB in all: ${ready.all} ready, ${first.all}, ${second.all} (× ${ratio.toFixed(2)}), ${idled.all} idle`);
  const flat = ratio <= LIMIT && idled.all <= first.all;
  if (!flat || reading.failed.length > 0) process.exitCode = 1;
} finally {
  await stack.stop();
  dropState(state);
}
