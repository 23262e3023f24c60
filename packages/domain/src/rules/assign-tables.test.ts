import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DATASET_ID, DATASET_ID_LENGTH } from '../dataset.ts';
import type { KnownTable } from '../resource.ts';
import { assignTables, type Named } from './assign-tables.ts';

const AT = '2026-11-20T08:00:00.000Z';
/** `name=dataset` of what was found, and what is gone. */
const assign = (known: readonly KnownTable[], found: readonly Named[], headers: Record<string, string[]> = {}) => {
  const assigned = assignTables('sea_levels', known, found, { headerOf: (dataset) => headers[dataset], at: AT });
  return {
    found: assigned.found.map(({ name, dataset }) => `${name}=${dataset}`),
    gone: assigned.gone.map(({ dataset }) => dataset),
  };
};
const named = (...names: string[]): Named[] => names.map((name) => ({ name }));
const known = (...tables: [name: string, dataset: string][]): KnownTable[] =>
  tables.map(([name, dataset]) => ({ name, dataset }));

describe('The dataset that a table becomes', () => {
  it('has the name of the resource where it is the only one, and its own besides where there are others', () => {
    expect(assign([], named('Sheet1')).found).toEqual(['Sheet1=sea_levels']);
    expect(assign([], named('Água 2020', 'Água 2021', '水')).found).toEqual([
      'Água 2020=sea_levels_agua_2020',
      'Água 2021=sea_levels_agua_2021',
      '水=sea_levels_3',
    ]);
  });

  it('is the same as long as its name is, whatever comes before and behind it', () => {
    const before = known(['A', 'sea_levels'], ['B', 'sea_levels_b']);
    expect(assign(before, named('C', 'B', 'A'))).toEqual({
      found: ['C=sea_levels_c', 'B=sea_levels_b', 'A=sea_levels'],
      gone: [],
    });
  });

  it('is the same under another name where the resource has never held but one, and where only the years differ', () => {
    expect(assign(known(['Sheet1', 'sea_levels']), named('Tabelle1')).found).toEqual(['Tabelle1=sea_levels']);
    const before = known(['Oil 2023', 'sea_levels_oil_2023'], ['Gas 2023', 'sea_levels_gas_2023']);
    expect(assign(before, named('Gas 2024', 'Oil 2024'))).toEqual({
      found: ['Gas 2024=sea_levels_gas_2023', 'Oil 2024=sea_levels_oil_2023'],
      gone: [],
    });
  });

  it('is the same where its header is, which no other table has', () => {
    const before = known(['1', 'sea_levels']);
    const found = [
      { name: 'Stations', header: ['code', 'name'] },
      { name: 'Levels', header: ['code', 'level'] },
    ];
    expect(assign(before, found, { sea_levels: ['code', 'level'] })).toEqual({
      found: ['Stations=sea_levels_stations', 'Levels=sea_levels'],
      gone: [],
    });
  });

  it('is never that of another table, though one has gone and another has come that looks like it', () => {
    const states = known(['SP', 'sea_levels_sp'], ['RJ', 'sea_levels_rj']);
    const header = ['city', 'litres'];
    const headers = { sea_levels_sp: header, sea_levels_rj: header };
    const sheets = (...names: string[]) => names.map((name) => ({ name, header }));
    expect(assign(states, sheets('SP', 'MG'), headers)).toEqual({
      found: ['SP=sea_levels_sp', 'MG=sea_levels_mg'],
      gone: ['sea_levels_rj'],
    });
    const years = known(['Oil 2022', 'sea_levels_oil_2022'], ['Oil 2023', 'sea_levels_oil_2023']);
    expect(assign(years, named('Oil 2023', 'Oil 2024'))).toEqual({
      found: ['Oil 2023=sea_levels_oil_2023', 'Oil 2024=sea_levels_oil_2024'],
      gone: ['sea_levels_oil_2022'],
    });
    // One that has gone may be what came as well.
    const [sp, rj] = states;
    expect(assign([sp!, { ...rj!, gone_at: AT }], sheets('MG'), headers).found).toEqual(['MG=sea_levels_mg']);
  });

  describe('where its name is but its number', () => {
    const [A, B, C] = [
      ['year', 'litres'],
      ['code', 'name'],
      ['code', 'price', 'unit'],
    ];
    const numbered = (...headers: string[][]) => headers.map((header, index) => ({ name: `${index + 1}`, header }));
    const before = known(['1', 'sea_levels_1'], ['2', 'sea_levels_2']);
    const headers = { sea_levels_1: A!, sea_levels_2: B! };

    it('is that of its header, wherever it stands', () => {
      expect(assign(before, numbered(B!, A!), headers).found).toEqual(['1=sea_levels_2', '2=sea_levels_1']);
      expect(assign(before, numbered(C!, A!, B!), headers).found).toEqual([
        '1=sea_levels_1_2',
        '2=sea_levels_1',
        '3=sea_levels_2',
      ]);
      expect(assign(before, numbered(B!), headers)).toEqual({ found: ['1=sea_levels_2'], gone: ['sea_levels_1'] });
      // A delimiter too many stands behind the columns of a version no longer.
      expect(assign(before, numbered([...B!, ' ', ''], A!), headers).found[0]).toBe('1=sea_levels_2');
      // The only one of a file, and another above it.
      expect(assign(known(['1', 'sea_levels']), numbered(B!, A!), { sea_levels: A! }).found).toEqual([
        '1=sea_levels_1',
        '2=sea_levels',
      ]);
    });

    it('is that of its number among as many as before, where its columns are much the same', () => {
      expect(assign(before, numbered([...A!, 'tons'], B!), headers).found).toEqual([
        '1=sea_levels_1',
        '2=sea_levels_2',
      ]);
      expect(assign(before, numbered(C!, B!), headers)).toEqual({
        found: ['1=sea_levels_1_2', '2=sea_levels_2'],
        gone: ['sea_levels_1'],
      });
      const same = { sea_levels_1: A!, sea_levels_2: A! };
      expect(assign(before, numbered(A!, A!), same).found).toEqual(['1=sea_levels_1', '2=sea_levels_2']);
      // Which of them is the new one?
      expect(assign(before, numbered(A!, A!, A!), same).gone).toEqual(['sea_levels_1', 'sea_levels_2']);
    });
  });

  it('is another one where it is not clear which it was: what was there is gone, and comes back by its name', () => {
    const before = known(['A 2020', 'sea_levels_a'], ['A 2021', 'sea_levels_b']);
    const after = assign(before, named('A 2022', 'X'));
    expect(after).toEqual({
      found: ['A 2022=sea_levels_a_2022', 'X=sea_levels_x'],
      gone: ['sea_levels_a', 'sea_levels_b'],
    });
    const gone = before.map((table) => ({ ...table, gone_at: AT }));
    expect(assign(gone, named('A 2021'))).toEqual({ found: ['A 2021=sea_levels_b'], gone: ['sea_levels_a'] });
  });

  it('tells apart tables of one name, and keeps away from names that belong to histories in SQL', () => {
    expect(assign([], named('A', 'A', 'a')).found).toEqual([
      'A=sea_levels_a',
      'A (2)=sea_levels_a_2',
      'a=sea_levels_a_3',
    ]);
    expect(assign([], named('Versions', 'B')).found[0]).toBe('Versions=sea_levels_versions_table');
  });

  it('is that of its header where its number on its sheet is all that it is called', () => {
    const before = known(['Staff: 1', 'sea_levels_staff_1'], ['Staff: 2', 'sea_levels_staff_2']);
    const headers = { sea_levels_staff_1: ['name', 'since'], sea_levels_staff_2: ['ship', 'tons'] };
    const found = [
      { name: 'Staff: 1', header: ['port', 'depth'] },
      { name: 'Staff: 2', header: ['name', 'since'] },
      { name: 'Staff: 3', header: ['ship', 'tons'] },
    ];
    expect(assign(before, found, headers).found.slice(1)).toEqual([
      'Staff: 2=sea_levels_staff_1',
      'Staff: 3=sea_levels_staff_2',
    ]);
  });

  const names = fc.array(fc.oneof(fc.constantFrom('A', 'A 2020', 'A 2021', 'B', '1', '2'), fc.string()), {
    minLength: 1,
    maxLength: 12,
  });

  it('is a valid id that nothing else has; what comes again is what it was; nothing that was known is lost', () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 2, maxLength: 5 }), (vintages) => {
        let tables: KnownTable[] = [];
        for (const vintage of vintages) {
          const found = named(...vintage);
          const of = { headerOf: () => undefined, at: AT };
          const assigned = assignTables('sea_levels', tables, found, of);
          const all = [...assigned.found, ...assigned.gone].map(({ dataset }) => dataset);
          expect(new Set(all).size).toBe(all.length);
          for (const id of all) expect([DATASET_ID.test(id), id.length <= DATASET_ID_LENGTH]).toEqual([true, true]);
          expect(tables.filter(({ dataset }) => !all.includes(dataset))).toEqual([]);
          tables = [...assigned.found, ...assigned.gone].map(({ name, dataset, ...rest }) => ({
            ...{ name, dataset },
            ...('gone_at' in rest && { gone_at: AT }),
          }));
          const again = assignTables('sea_levels', tables, found, of);
          expect(again.found.map(({ dataset }) => dataset)).toEqual(assigned.found.map(({ dataset }) => dataset));
        }
      }),
    );
  });
});
