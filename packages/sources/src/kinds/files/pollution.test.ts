import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLEAN_ROWS } from '../../testing/pollution/clean-table.ts';
import { pollutedFiles } from '../../testing/pollution/polluted-files.ts';
import { readPolluted } from '../../testing/pollution/read-polluted.ts';
import { plain, scoreOf } from '../../testing/pollution/score.ts';
import { cleanRecords, fileText, type PollutedFile } from '../../testing/pollution/write-polluted.ts';

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

  /** Marks that are put in, or the next one of the file that is taken out. */
  const edit = fc.record({ at: fc.nat(9000), mark: fc.constantFrom(',', '"', '\n', '\r', '""', ',"', '"\n', null) });
  const damagedBy = (text: string, { at, mark }: { at: number; mark: string | null }): string => {
    if (mark !== null) return text.slice(0, at) + mark + text.slice(at);
    const found = at + text.slice(at).search(/[,"\n]/);
    return text.slice(0, found) + text.slice(found + 1);
  };

  it('gives no wrong row but the damaged ones as they stand, and loses none, however it is damaged', async () => {
    const rows = new Set(CLEAN_ROWS.map((cells) => cells.map(plain).join('|')));
    const clean = fileText(cleanRecords());
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const { tables, refused } = await readPolluted(Buffer.from(edits.reduce(damagedBy, clean)));
        expect(refused).toBeUndefined();
        const others = tables.flatMap((table) => table.rows).filter((cells) => !rows.has(cells.map(plain).join('|')));
        expect(others.length).toBeLessThanOrEqual(edits.length);
        const quarantined = tables.flatMap((table) => table.quarantine).reduce((sum, entry) => sum + entry.rows, 0);
        const all = tables.flatMap((table) => table.rows).length + quarantined;
        // An edit may make one row of two.
        expect(all).toBeGreaterThanOrEqual(CLEAN_ROWS.length - edits.length);
      }),
      { numRuns: 150 },
    );
  });
});
