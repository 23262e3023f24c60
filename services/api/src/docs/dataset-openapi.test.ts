import { readFileSync } from 'node:fs';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { describe, expect, it } from '@jest/globals';
import { routes } from '../areas/records.ts';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { datasetOpenapi, type OpenapiParameter } from './dataset-openapi.ts';

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
const COMERCIO = 'id;control;produto;1970;1971;1972\n1;VINHO DE MESA;VINHO DE MESA;3;4;5\n2;vm_Tinto;Tinto;1;2;3\n';

/** A parameter in an address, as OpenAPI has it written (style form). */
const written = ({ name, explode, schema }: OpenapiParameter, values: readonly string[]): string => {
  if (schema.type !== 'array') return `${name}=${encodeURIComponent(values.at(-1) as string)}`;
  if (!explode) return `${name}=${values.map(encodeURIComponent).join(',')}`;
  return values.map((value) => `${name}=${encodeURIComponent(value)}`).join('&');
};

describe('The document of one dataset', () => {
  it.each([
    ['year', ['gt.1970', 'lt.1972'], [1971, 1971]],
    ['year', ['gte.1971'], [1971, 1971, 1972, 1972]],
    ['quantity', ['gt.2', 'lt.4'], [1970, 1972]],
    ['product', ['like.T*', 'like.*o', 'neq.x'], [1970, 1971, 1972]],
  ])('R16: takes several conditions on one column, and the API heeds each: %s %j', async (name, values, years) => {
    const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
    await publishCsv(stores, 'embrapa_comercio', COMERCIO);
    const dataset = await stores.catalog.getDataset('embrapa_comercio');
    const { paths } = datasetOpenapi(document, dataset!);
    const { parameters = [] } = paths['/v1/records/embrapa_comercio'].get;
    const parameter = parameters.find((one) => one.name === name) as OpenapiParameter;
    expect(parameter).toMatchObject({ schema: { type: 'array', items: { type: 'string' } }, explode: true });

    const call = callArea({ ...stores, now: Date.now }, routes);
    const query = [written(parameter, values), 'select=year', 'order=year'].join('&');
    const { statusCode, json } = await call(`/v1/records/embrapa_comercio?${query}`);
    expect([statusCode, json()]).toEqual([200, years.map((year) => ({ year }))]);
  });

  it('R16: says so of the filters of plots too, and of nothing that may be given once', async () => {
    const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
    await publishCsv(stores, 'embrapa_comercio', COMERCIO);
    const { paths } = datasetOpenapi(document, (await stores.catalog.getDataset('embrapa_comercio'))!);
    const lists = (path: string) =>
      (paths[path].get.parameters ?? []).filter(({ schema }) => schema.type === 'array').map(({ name }) => name);
    const columns = [
      'section',
      'product',
      'product_code',
      'year',
      'quantity',
      'note',
      'is_total',
      'line',
      'processing_date',
    ];
    expect(lists('/v1/plots/embrapa_comercio')).toEqual(columns);
    expect(lists('/v1/records/embrapa_comercio')).toEqual(columns);
  });
});
