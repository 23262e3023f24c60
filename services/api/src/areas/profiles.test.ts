import type { PublishedVersion } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './records.ts';

const ID = 'embrapa_producao';
const csv = (figure: number) =>
  `id;control;produto;1970;1971\n1;VINHO DE MESA;VINHO DE MESA;${figure};20\n2;vm_Tinto;Tinto;${figure};20\n3;vm_Branco;Branco;;5\n`;

/** A dataset of two versions. `earlier`: those that are read were published before there were profiles. */
const world = async (change: (version: PublishedVersion) => PublishedVersion = (version) => version) => {
  const memory = makeMemoryCatalog();
  const objects = makeMemoryObjectStore();
  await publishCsv({ catalog: memory, objects }, ID, csv(10));
  await publishCsv({ catalog: memory, objects }, ID, csv(30), 86_400_000);
  const catalog: typeof memory = {
    ...memory,
    async getVersion(id, number) {
      const version = await memory.getVersion(id, number);
      return version?.state === 'published' ? change(version) : version;
    },
  };
  const call = callArea({ catalog, objects, now: Date.now }, routes);
  return {
    objects,
    profile: (query = '', headers: Record<string, string> = {}) =>
      call(`/v1/datasets/${ID}/profile${query}`, { headers }),
    facets: (query = '', headers: Record<string, string> = {}) =>
      call(`/v1/datasets/${ID}/facets${query}`, { headers }),
  };
};

describe('The profile of a version', () => {
  it('is what was stored with it: of the latest, or of the one asked for, which never changes', async () => {
    const { profile } = await world();
    const latest = await profile();
    expect(latest.headers['Cache-Control']).toBe('private, no-cache');
    expect(latest.json()).toMatchObject({ dataset: ID, version: 2, rows: 6 });
    const columns = Object.fromEntries(latest.json().columns.map((column: { name: string }) => [column.name, column]));
    expect(columns.year).toMatchObject({
      ...{ type: 'int32', nulls: 0, distinct: 2, distinct_is: 'exact', min: 1970, max: 1971, mean: 1970.5 },
      format: 'year',
    });
    expect(columns.quantity).toMatchObject({ nulls: 1, min: 5, max: 30, mean: 21 });
    expect(columns.quantity.most_frequent).toEqual([
      { value: 20, count: 2 },
      { value: 30, count: 2 },
      { value: 5, count: 1 },
    ]);
    const first = await profile('?version=1');
    expect(first.headers['Cache-Control']).toContain('immutable');
    expect(first.json()).toMatchObject({ version: 1 });
    const again = await profile('?version=1', { 'if-none-match': String(first.headers.ETag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect(first.headers.ETag).not.toBe(latest.headers.ETag);
  });

  it('of a version from before there were profiles is made now, the same', async () => {
    const { profile } = await world();
    const withoutProfile = ({ files: { 'profile.json': _, ...files }, ...version }: PublishedVersion) => ({
      ...version,
      files,
    });
    const earlier = await world(withoutProfile);
    expect((await earlier.profile()).json()).toEqual((await profile()).json());
    const large = await world((version) => ({
      ...withoutProfile(version),
      counts: { ...version.counts, rows_published: 10_000_000 },
    }));
    const { statusCode, json } = await large.profile();
    expect(statusCode).toBe(404);
    expect(json().detail).toContain('was published before versions had profiles, and is too large to be profiled now');
  });

  it('of a version that is not there is 404', async () => {
    const { profile } = await world();
    expect((await profile('?version=9')).statusCode).toBe(404);
  });
});

describe('Facets', () => {
  it('count the values of columns, of all rows or of those that filters leave', async () => {
    const { facets } = await world();
    const { headers, json } = await facets('?columns=product,quantity&limit=1');
    expect(json()).toEqual({
      ...{ dataset: ID, version: 2, rows: 6 },
      facets: [
        {
          ...{ column: 'product', nulls: 0, distinct: 3, other: 4, truncated: true },
          values: [{ value: 'Branco', count: 2 }],
        },
        { column: 'quantity', nulls: 1, distinct: 3, values: [{ value: 20, count: 2 }], other: 3, truncated: true },
      ],
    });
    const again = await facets('?columns=product,quantity&limit=1', { 'if-none-match': String(headers.ETag) });
    expect(again.statusCode).toBe(304);
    const filtered = (await facets('?columns=quantity&year=eq.1970&quantity=not.is.null&version=1')).json();
    expect(filtered).toMatchObject({ version: 1, rows: 2, facets: [{ values: [{ value: 10, count: 2 }] }] });
  });

  it.each([
    ['?columns=prodct', 400, 'Perhaps you meant to reference the column \\"product\\"'],
    ['', 400, 'columns: must name the columns whose values are counted'],
    ['?columns=year&limit=1001', 400, 'limit: must be a number of values from 1 to 1000'],
    ['?columns=year&select=product', 400, 'select: facets have no such parameter'],
    ['?columns=year&nothing=eq.1', 400, 'column nothing does not exist'],
    ['?columns=year&version=x', 400, 'version: must be the number of a version'],
    [`?columns=${Array.from({ length: 21 }, (_, i) => `c${i}`)}`, 400, 'names 21 columns; 20 are allowed'],
    ['?columns=year&version=7', 404, 'has no version 7'],
  ])('that cannot be counted are refused with the reason: %s', async (query, status, reason) => {
    const { facets } = await world();
    const { statusCode, body } = await facets(query);
    expect(statusCode).toBe(status);
    expect(body).toContain(reason);
  });
});
