import { describe, expect, it } from '@jest/globals';
import { pollutedFiles } from '../../testing/pollution/polluted-files.ts';
import { readPolluted } from '../../testing/pollution/read-polluted.ts';
import { scoreOf } from '../../testing/pollution/score.ts';
import type { PollutedFile } from '../../testing/pollution/write-polluted.ts';

/** Of each kind all of few files, or else the first, the last and some between. */
const MOST = 6;
const sampled = (files: readonly PollutedFile[]): PollutedFile[] =>
  files.length <= MOST
    ? [...files]
    : Array.from({ length: MOST }, (_, index) => files[Math.round((index * (files.length - 1)) / (MOST - 1))]!);

const kinds = new Map<string, PollutedFile[]>();
for (const file of pollutedFiles()) kinds.set(file.kind, [...(kinds.get(file.kind) ?? []), file]);
const SAMPLE = [...kinds.values()].flatMap(sampled);

/** What is not found as it should be: docs/tables.md says why. F1 of header, records and cells. */
const KNOWN: Readonly<Record<string, readonly [number, number, number]>> = {
  'a rare delimiter: "\\u0001", quotes: needed': [0, 0, 0],
  'lines below the table: a sentence with delimiters': [1, 0.9941, 1],
  'lines below the table: words and their values': [1, 0.9882, 1],
};

describe('Polluted CSV', () => {
  it('is of many kinds, in thousands of files', () => {
    const files = [...kinds.values()].reduce((sum, each) => sum + each.length, 0);
    expect([kinds.size >= 50, files >= 2000]).toEqual([true, true]);
  });

  it('gives the clean table, or puts what nobody can read into quarantine', async () => {
    const missed: Record<string, readonly number[]> = {};
    for (const { kind, variant, bytes, tables } of SAMPLE) {
      const { header, records, cells } = scoreOf(tables, (await readPolluted(bytes)).tables);
      const score = [header, records, cells].map((figure) => Number(figure.toFixed(4)));
      if (score.some((figure) => figure < 1)) missed[`${kind}: ${variant}`] = score;
    }
    expect(missed).toEqual(KNOWN);
  });
});
