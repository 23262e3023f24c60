import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { expect, it } from '@jest/globals';
import { readFileTables } from '../../testing/read-file.ts';

/** Headers, types, rows and sums were read in the files with xlrd, openpyxl and csv of Python. */
describeWith(samples('data/ckan'), 'Every file of a portal', (folder) => {
  const read = async (file: string) =>
    (await readFileTables(readFileSync(join(folder, file)))).map(({ names, types, rows, quarantine, ...table }) => ({
      ...table,
      columns: names.map((name, column) => `${name}: ${types[column]}`),
      rows,
      quarantined: quarantine.length,
    }));
  const sumOf = (rows: readonly (readonly unknown[])[], column: number): number =>
    rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);

  it('gives what a CSV of figures with points and commas holds, under a header of years', async () => {
    const [table, ...others] = await read('chomage_data1.csv');
    const years = Array.from({ length: 23 }, (_, index) => 1999 + index);
    expect(others).toEqual([]);
    expect(table!.header).toEqual(['CODE', 'Milieu de résidence', 'Durée de chômage', 'Sexe', ...years.map(String)]);
    expect(table!.columns).toEqual([
      ...['code: int32', 'milieu_de_residence: string', 'duree_de_chomage: string', 'sexe: string'],
      ...years.map((year) => `${year}: double`),
    ]);
    expect([table!.rows.length, table!.quarantined, table!.notes]).toEqual([36, 0, []]);
    expect(sumOf(table!.rows, 4)).toBeCloseTo(899, 6);
  });

  it('gives each table of each sheet of an old workbook, and those beside them', async () => {
    const tables = await read('timor__5_2015-V2-Marriage.xls');
    const told = tables.map(({ name, rows }) => [name, rows.length, sumOf(rows, 1)]);
    expect(told.filter(([name]) => !String(name).endsWith(': 2'))).toEqual([
      ['2.15', 21, 3_494_248],
      ['2.16', 32, 1_240_202],
      ['2.16a', 32, 49_120],
      ['2.16b', 32, 63_971],
      ['2.16c', 32, 133_217],
      ['2.16d: 1', 32, 110_543],
      ['2.16e', 32, 75_141],
      ['2.16f', 32, 254_738],
      ['2.16g', 32, 125_918],
      ['2.16h', 32, 69_361],
      ['2.16i', 32, 77_003],
      ['2.16j: 1', 32, 51_151],
      ['2.16k: 1', 32, 60_080],
      ['2.16l: 1', 32, 82_305],
      ['2.16m: 1', 32, 87_654],
    ]);
    expect(
      told.filter(([name]) => String(name).endsWith(': 2')).map(([name, rows]) => `${name}, ${rows} rows`),
    ).toEqual(['d', 'j', 'k', 'l', 'm'].map((sheet) => `2.16${sheet}: 2, 33 rows`));
    expect(tables.every(({ quarantined }) => quarantined === 0)).toBe(true);
    const ages = ['age_at_first_marriage: string', 'both_sexes: int32', 'male: int32', 'female: int32'];
    const beside = ['column_1: string', ...[2, 3, 4, 5, 6, 7].map((column) => `column_${column}: int32`)];
    for (const { name, columns } of tables.slice(1))
      expect([name, columns]).toEqual([name, name.endsWith(': 2') ? beside : ages]);
    const groups = [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70].map((age) => `${age}_${age + 4}: int32`);
    expect(tables[0]!.columns).toEqual(['marital_status: string', 'total: int32', ...groups, '75: int32']);
  });
});
