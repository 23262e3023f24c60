import type { ColumnProfile } from '@granary/tabular/profile/profile-column';
import { expect, it } from '@jest/globals';
import { coveredYears } from './covered-years.ts';

const column = (
  name: string,
  type: ColumnProfile['type'],
  min: ColumnProfile['min'],
  max: ColumnProfile['max'],
  format: ColumnProfile['format'] = null,
) => ({ name, type, min, max, format }) as ColumnProfile;
const own = column('processing_date', 'date', '2026-11-20', '2026-11-20');

it.each([
  [
    'years',
    [column('year', 'int32', 1970, 2023, 'year'), column('read', 'date', '2024-01-01', '2024-02-01'), own],
    [1970, 2023],
  ],
  ['years as texts', [column('ano', 'string', '1970', '2023', 'year')], [1970, 2023]],
  [
    'several columns of years',
    [column('year', 'int32', 1990, 2000, 'year'), column('ano', 'int32', 1970, 1980, 'year')],
    [1970, 2000],
  ],
  [
    'dates, where there are no years',
    [column('read', 'timestamp', '2019-12-31T23:00:00Z', '2020-01-01T00:00:00Z'), own],
    [2019, 2020],
  ],
  ['neither', [column('litres', 'double', 1970, 2023), own], undefined],
  ['a date for ever', [column('until', 'date', '2020-01-01', '9999-12-31')], undefined],
  ['dates before Christ', [column('at', 'date', '-0500-01-01', '2020-01-01')], undefined],
  ['columns without values', [column('read', 'date', null, null)], undefined],
] as const)('A table is about the years of its %s', (_, columns, years) => {
  expect(coveredYears(columns)).toEqual(years && { first: years[0], last: years[1] });
});
