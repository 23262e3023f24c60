import { expect, it } from '@jest/globals';
import { shownFormat } from './portal-formats.ts';

it.each([
  ['CSV', 'csv'],
  ['.csv', 'csv'],
  ['CSV.', 'csv'],
  ['.cvs', 'csv'],
  ['text/csv; charset=utf-8', 'csv'],
  ['zip+csv', 'csv'],
  ['XLS', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['Excel', 'xlsx'],
  ['GeoJSON', 'geojson'],
  ['ZIP', 'zip'],
  ['PDF', undefined],
  ['application/octet-stream', undefined],
  ['', undefined],
])('The format %j of a portal is shown as %j', (written, shown) => {
  expect(shownFormat(written)).toBe(shown);
});
