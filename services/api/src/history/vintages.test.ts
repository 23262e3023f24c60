import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { embrapaFile } from '@granary/replica/embrapa/file';
import { readEmbrapaFile } from '@granary/sources/kinds/embrapa/read-file';
import { embrapa, embrapaFileOf } from '@granary/sources/testing/shipped';
import { cellAt } from '@granary/tabular/cells';
import type { DiffTable } from '@granary/tabular/diff/diff-table';
import { type Change, type DiffCounts, diffTables } from '@granary/tabular/diff/diff-tables';
import type { Cell } from '@granary/tabular/table';
import { applyDiff } from '@granary/tabular/testing/apply-diff';
import { publishedTable } from '@granary/tabular/testing/published-table';
import { describe, expect, it } from '@jest/globals';

type Table = DiffTable & { rows: Cell[][] };

const FILES = embrapa.discover({ base_url: embrapa.base_url }).map(({ hints, dataset }) => ({
  name: hints.file!,
  dataset: embrapa.datasets.find(({ id }) => id === dataset)!,
}));

const rowsOf = async (table: DiffTable): Promise<Cell[][]> => {
  const rows: Cell[][] = [];
  for await (const { rows: count, columns } of table.batches())
    for (let row = 0; row < count; row++) rows.push(columns.map((column) => cellAt(column, row)));
  return rows;
};

const tableOf = async (name: string, bytes: Uint8Array): Promise<Table> => {
  const { dataset } = FILES.find((file) => file.name === name)!;
  const cells: Cell[][] = [];
  readEmbrapaFile(
    embrapaFileOf(dataset.id),
    bytes,
    { processing_date: '2026-01-01' },
    {
      begin() {},
      rows: ({ rows, columns }) => {
        for (let row = 0; row < rows; row++) cells.push(columns.map((column) => cellAt(column, row)));
      },
      quarantine: () => {},
    },
  );
  const table = await publishedTable({ fields: dataset.fields, key: dataset.key }, cells, 1000);
  return { ...table, rows: await rowsOf(table) };
};

const told = ({ fields }: DiffTable, rows: readonly (readonly Cell[])[]): string[] =>
  rows
    .map((row) => fields.map(({ name }, i) => (name === 'line' || name === 'processing_date' ? '' : row[i])).join('|'))
    .sort();

const compared = async (from: Table, to: Table): Promise<{ counts: DiffCounts; changes: Change[] }> => {
  const { counts, changes: found } = diffTables(from, to);
  const changes: Change[] = [];
  for await (const change of found) changes.push(change);
  expect(told(to, applyDiff(from, to, changes))).toEqual(told(to, to.rows));
  return { counts, changes };
};

/** The text with another line put in after line `after` (from 1). */
const withLine = (text: string, after: number, line: string): string =>
  text.split('\n').toSpliced(after, 0, line).join('\n');

describe('between vintages of the replica', () => {
  it.each(FILES.map(({ name }) => name))(
    '%s: a year more is added, and applying the diff gives the later one',
    async (name) => {
      const tables = await Promise.all(
        [2021, 2022, 2023, 2024, 2025].map((vintage) => tableOf(name, embrapaFile(name, { seed: 'granary', vintage }))),
      );
      for (let i = 1; i < tables.length; i++) {
        const { counts, changes } = await compared(tables[i - 1], tables[i]);
        // The file of 2022 names 2021 four times: the figures of that year are in quarantine until the next one.
        expect(counts.removed).toBe(name === 'ImpSuco' && i === 1 ? 29 : 0);
        expect(counts.added - counts.removed).toBe(tables[i].rows.length - tables[i - 1].rows.length);
        const years = new Set(changes.flatMap((change) => (change.op === 'add' ? [change.key.year] : [])));
        expect([...years].every((year) => Number(year) >= 2021)).toBe(true);
      }
      const { counts } = await compared(tables[4], tables[2]);
      expect(counts.removed).toBe(tables[4].rows.length - tables[2].rows.length);
    },
    90_000,
  );
});

describeWith(samples('data/embrapa'), 'of the real files', (folder) => {
  it('a line that is put in is one row a year, whatever it moves', async () => {
    for (const name of readdirSync(folder).map((file) => file.replace(/\.csv$/, ''))) {
      const text = readFileSync(join(folder, `${name}.csv`), 'utf8');
      const [header, , third] = text.split('\n');
      const cells = third.split(/[;\t]/);
      const mark = third.includes('\t') ? '\t' : ';';
      const first = header.split(mark).findIndex((cell) => /^\d{4}$/.test(cell));
      // Of the section of the line above it.
      const added = [...cells.slice(0, first - 1), 'Atlântida', ...cells.slice(first).map(() => '7')];
      const years = new Set(header.split(mark).filter((cell) => /^\d{4}$/.test(cell))).size;
      const from = await tableOf(name, Buffer.from(text));
      const to = await tableOf(name, Buffer.from(withLine(text, 3, added.join(mark))));
      const { counts } = await compared(from, to);
      expect({ name, counts }).toEqual({
        name,
        counts: { added: years, removed: 0, changed: 0, unchanged: from.rows.length },
      });
    }
  }, 90_000);
});
