/**
 * `npm run soak -- --minutes 30 [--seed N]`: everything at once, for a while, on a stack of its own; afterwards
 * everything must be right (docs/soak.md). Ends with 1 and says what is wrong when something is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dropState } from '../e2e/stack.ts';
import { type Scene, startActors, type Tally } from './actors.ts';
import { lookAt } from './aws.ts';
import { checkAll, type Finding } from './checks.ts';
import { type Lab, randomFor, startLab } from './lab.ts';
import { memoryOf } from './memory.ts';
import { startReaders } from './readers.ts';
import { allRuns, settle } from './settle.ts';

const READERS = 8;
const SETTLE_MS = 8 * 60_000;
/** The quiet part at the end, by which memory is judged, in minutes: twice this. */
const QUIET_MINUTES = 2;
const MEMORY_LIMIT = 1.15;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean' },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError(`--minutes takes a number above 0, not ${values.minutes}.`);
const { seed } = values;
const begun = performance.now();
const say = (text: string) =>
  console.log(`${String(Math.round((performance.now() - begun) / 1000)).padStart(5)} s  ${text}`);

const disturb = async (lab: Lab, tally: Tally): Promise<void> => {
  const end = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() >= end;
  const scene = (actor: string): Scene => ({ lab, random: randomFor(seed, actor), tally, isOver });
  const everySeconds = [Math.min(60, minutes * 15), Math.min(150, minutes * 30)] as const;
  const acting = startActors(scene, { kill_every_s: everySeconds });
  // Whoever asks while the stack is killed, or before it has settled, may get no answer, or one that says so.
  const reading = startReaders(
    { get: (path) => lab.stack.get(path) },
    { count: READERS, isExpected: () => lab.isDisturbed() },
  );
  while (!isOver()) {
    await sleep(Math.min(15_000, Math.max(0, end - performance.now())));
    const done = [...tally.counts].map(([what, count]) => `${count} ${what}`).join(', ');
    const memory = memoryOf(lab.stack.local.pids, begun);
    say(`${reading.answers} answers, ${reading.failed.length} failed; ${done}; ${memory.all} MB`);
  }
  await acting;
  await reading.stop();
  tally.failed.push(...reading.failed);
  tally.counts.set('answers', reading.answers);
};

/** 20 readers, and nobody else: memory after one while and after another. */
const keepQuiet = async (lab: Lab, tally: Tally): Promise<Finding> => {
  const quiet = Math.min(QUIET_MINUTES, minutes / 4) * 60_000;
  const reading = startReaders({ get: (path) => lab.stack.get(path) }, { count: 20 });
  const least = async (): Promise<number> => {
    const samples: number[] = [];
    for (let n = 0; n < 5; n++) {
      samples.push(memoryOf(lab.stack.local.pids, begun).all);
      await sleep(1_000);
    }
    return Math.min(...samples);
  };
  await sleep(quiet);
  const first = await least();
  await sleep(quiet);
  const second = await least();
  await reading.stop();
  tally.failed.push(...reading.failed);
  const ratio = second / first;
  say(`20 readers alone: ${reading.answers} answers, ${first} MB, then ${second} MB (× ${ratio.toFixed(2)})`);
  const wrong = ratio > MEMORY_LIMIT ? [`memory grew from ${first} to ${second} MB`] : [];
  return { what: 'memory is flat', looked_at: reading.answers, wrong };
};

say(`seed ${seed}, ${minutes} minutes`);
const lab = await startLab();
const tally: Tally = { counts: new Map(), failed: [] };
try {
  say(`ready at http://localhost:${lab.stack.port}, state ${lab.state}`);
  await disturb(lab, tally);
  const aws = lookAt(lab.stack.local.awsEndpoint);
  say('settling');
  await settle(lab.stack, aws, SETTLE_MS);
  say(`settled: ${(await allRuns(lab.stack)).length} runs`);
  const findings = await checkAll(lab.stack, aws);
  findings.push(await keepQuiet(lab, tally));
  findings.push({
    what: 'nobody was answered wrong',
    looked_at: tally.counts.get('answers') ?? 0,
    wrong: tally.failed,
  });
  aws.close();
  for (const { what, looked_at, wrong } of findings) {
    say(`${wrong.length === 0 ? '✓' : '✗'} ${what} (${looked_at})`);
    for (const one of wrong.slice(0, 20)) console.log(`          ${one}`);
  }
  say([...tally.counts].map(([what, count]) => `${count} ${what}`).join(', '));
  if (findings.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
  say(process.exitCode ? `violated, seed ${seed}` : `all held, seed ${seed}`);
} finally {
  await lab.stack.stop();
  if (!values.keep) dropState(lab.state);
}
