import type { ColumnType } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PublishedVersion } from '../dataset.ts';
import type { HistoryTable } from '../sql-table.ts';
import { foldHistory } from './sql-history.ts';

type Fields = Readonly<Record<string, ColumnType>>;
const version = (number: number, fields: Fields): PublishedVersion =>
  ({
    dataset: 'a_b',
    version: number,
    attempt: `attempt-${number}`,
    fields: Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true })),
  }) as unknown as PublishedVersion;

/** The history of these versions, numbered from 1. */
const historyOf = (...versions: Fields[]): HistoryTable =>
  versions.reduce<HistoryTable | undefined>(
    (history, fields, index) => foldHistory(history, version(index + 1, fields)),
    undefined,
  )!;
const columnsOf = ({ columns }: HistoryTable) => Object.fromEntries(columns.map(({ name, type }) => [name, type]));

describe('The history of a dataset as a table', () => {
  it('begins with the first version', () => {
    expect(historyOf({ year: 'int32', name: 'string' })).toEqual({
      kind: 'history',
      dataset: 'a_b',
      columns: [
        { name: 'year', type: 'int' },
        { name: 'name', type: 'string' },
      ],
      from: 1,
      to: 1,
      attempt: 'attempt-1',
      number_column: 'version',
    });
  });

  it('goes on with versions of other numbers than the next', () => {
    const history = foldHistory(foldHistory(undefined, version(3, { year: 'int32' })), version(7, { year: 'int32' }));
    expect(history).toMatchObject({ from: 3, to: 7, attempt: 'attempt-7' });
  });

  it('has the columns of the newest version in their order, then those that only older ones have', () => {
    const history = historyOf(
      { year: 'int32', gone: 'date', litres: 'double' },
      { litres: 'double', added: 'boolean', year: 'int32' },
    );
    expect(history.from).toBe(1);
    expect(Object.entries(columnsOf(history))).toEqual([
      ['litres', 'double'],
      ['added', 'boolean'],
      ['year', 'int'],
      ['gone', 'date'],
    ]);
  });

  it('begins anew where a column changed its type, also one that was gone for a while', () => {
    const widened = historyOf({ year: 'int32', old: 'date' }, { year: 'int32' }, { year: 'int64' }, { year: 'int64' });
    expect(widened).toMatchObject({ from: 3, to: 4 });
    expect(columnsOf(widened)).toEqual({ year: 'bigint' });
    const back = historyOf({ n: 'int32', flag: 'boolean' }, { n: 'int32' }, { n: 'int32', flag: 'string' });
    expect(back).toMatchObject({ from: 3, to: 3 });
  });

  it('calls the number of a version otherwise where the data has a column of that name, from when it has', () => {
    expect(historyOf({ version: 'string' }).number_column).toBe('version_number');
    expect(historyOf({ version: 'string', version_number: 'int32' }).number_column).toBe('version_number_');
    expect(historyOf({ version_number: 'int32' }).number_column).toBe('version');
    const later = historyOf({ year: 'int32' }, { year: 'int32', version: 'string' }, { year: 'int32' });
    // The third version has none any more, but the history has.
    expect(later).toMatchObject({ from: 1, to: 3, number_column: 'version_number' });
  });

  it('has each column once and of its type, the newest version whole, and no column of the name of its numbers, whatever the versions are', () => {
    const names = fc.constantFrom('year', 'litres', 'version', 'version_number', 'version_number_', 'name');
    const types = fc.constantFrom<ColumnType>('int32', 'int64', 'string');
    const fields = fc.dictionary(names, types, { minKeys: 1 });
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 6 }), (versions) => {
        const history = historyOf(...versions);
        expect(history.to).toBe(versions.length);
        const own = history.columns.map(({ name }) => name);
        expect(new Set(own).size).toBe(own.length);
        expect(own).not.toContain(history.number_column);
        const sql = { int32: 'int', int64: 'bigint', string: 'string' } as Record<ColumnType, string>;
        // Every version that it has fits it, and every column is of one of them.
        const covered = versions.slice(history.from - 1);
        for (const one of covered) {
          for (const [name, type] of Object.entries(one)) expect(columnsOf(history)[name]).toBe(sql[type]);
        }
        expect(own.filter((name) => !covered.some((one) => Object.hasOwn(one, name)))).toEqual([]);
        expect(own.slice(0, Object.keys(versions.at(-1)!).length)).toEqual(Object.keys(versions.at(-1)!));
      }),
    );
  });
});
