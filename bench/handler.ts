/**
 * Goals 9 and 10: what the Middy stack costs each call, beside the same duties written by hand, and what merely
 * importing the runtime costs a bare handler. Each contender runs in a process of its own, interleaved; log lines go to
 * /dev/null as they would go to Lambda.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { interleaved } from './measure.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

/** Microseconds of one call. */
const callsOf = (name: string, calls: number) => (): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'handler-contender.ts'), name, String(calls)], {
      stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'pipe'],
    });
    let told = '';
    child.stdio[3]?.on('data', (chunk) => {
      told += chunk;
    });
    child.on('close', (code) =>
      code === 0 && told ? resolve(Number(told)) : reject(new Error(`${name} ended with ${code}`)),
    );
  });

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const calls = quick ? 20_000 : 60_000;
  const us = await interleaved(
    {
      bare: callsOf('bare', calls * 20),
      beside: callsOf('bare-beside-runtime', calls * 20),
      byHand: callsOf('by-hand', calls),
      stack: callsOf('stack', calls),
    },
    quick ? 3 : 7,
  );
  const row = (goal: string, what: string, value: number, peerName: string, peer: number, limit: number): BenchRow => ({
    goal,
    what,
    value,
    unit: 'µs a call',
    peer: `${peerName} ${peer.toFixed(2)} µs`,
    ratio: value / peer,
    limit,
    met: value / peer <= limit,
  });
  return [
    row('9', 'whole stack, token known', us.stack, 'ajv, CORS, log, EMF by hand', us.byHand, 3.5),
    row('10', 'bare handler with the runtime imported', us.beside, 'bare handler', us.bare, 1.15),
  ];
};

await printWhenMain(import.meta, run);
