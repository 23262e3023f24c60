import type { PublishedVersion } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MOST_PAGES } from '../docs/sitemap.ts';
import { callArea } from '../testing/call-area.ts';
import { routes as catalogRoutes } from './catalog.ts';
import { routes } from './docs.ts';

const published = (dataset: string) =>
  ({
    ...{ dataset, version: 1, published_at: '2026-11-20T08:00:00.000Z', key: [] },
    fields: [{ name: 'litres', type: 'double', nullable: true, title: 'Litros', unit: 'L' }],
    counts: { rows_published: 5, rows_quarantined: 0 },
    files: { 'data.parquet': { bytes: 1 }, 'data.csv.gz': { bytes: 1 } },
    years: { first: 1970, last: 2023 },
  }) as unknown as PublishedVersion;
const describeIn = async (catalog: ReturnType<typeof makeMemoryCatalog>, id: string) =>
  catalog.describeDataset({
    ...{ id, title: `T ${id}`, description: 'D', publisher: 'Office', theme: 'a', tags: ['wine'], source: 'office' },
    ...{ licence: { name: 'CC0-1.0', title: 'CC0', path: 'https://cc.test/0' }, source_url: 'http://office.test/a' },
    ...{ fields: [], key: [] },
  });

describe('The catalog for harvesters and search engines', () => {
  const catalog = makeMemoryCatalog();
  const call = callArea({ catalog, data_origin: 'http://data.test' }, routes);
  const ids = Array.from({ length: 7 }, (_, n) => `office_${n}`);
  beforeAll(async () => {
    for (const id of [...ids, 'office_never']) await describeIn(catalog, id);
    for (const id of ids) await catalog.advance(published(id));
  });

  it('is DCAT by pages, each of which leads to the next', async () => {
    const found: string[] = [];
    let path = '/catalog.jsonld?limit=3';
    for (let pages = 1; ; pages++) {
      const { headers, json } = await call(path);
      const page = json();
      expect([page['hydra:totalItems'], page['@id']]).toEqual([7, 'catalog.jsonld']);
      found.push(...page['dcat:dataset'].map((one: Record<string, string>) => one['dct:identifier']));
      const next = page['hydra:view']?.['hydra:next']['@id'];
      if (next === undefined) {
        expect([pages, headers.Link]).toEqual([3, undefined]);
        break;
      }
      expect(headers.Link).toBe(`</dev/${next}>; rel="next"`);
      path = `/${next}`;
    }
    expect(found).toEqual(ids);
    expect((await call('/catalog.jsonld')).json()['dcat:dataset']).toHaveLength(7);
    for (const query of ['limit=201', 'cursor=x'])
      expect((await call(`/catalog.jsonld?${query}`)).statusCode).toBe(400);
  });

  it('is a sitemap with whole addresses, below the stage', async () => {
    const { headers, body } = await call('/sitemap.xml', { headers: { Host: 'api.test' } });
    expect(headers['Content-Type']).toBe('text/xml; charset=utf-8');
    const listed = [...body.matchAll(/<loc>(.*?)<\/loc><lastmod>(.*?)<\/lastmod>/g)].map(([, at, time]) => [at, time]);
    expect(listed).toEqual(ids.map((id) => [`https://api.test/dev/v1/datasets/${id}`, '2026-11-20T08:00:00.000Z']));
    expect((await call('/sitemap.xml?page=2')).statusCode).toBe(404);
    expect((await call('/sitemap.xml', { headers: { Host: 'a&<b' } })).body).toContain('https://a&amp;&lt;b/');
  });

  it('is an index of sitemaps where there are more than one may name', async () => {
    const datasets = Array.from({ length: MOST_PAGES + 1 }, (_, n) => n);
    const [one] = await catalog.getDatasets([ids[0]!]);
    const many = {
      ...catalog,
      listChanges: async () => ({ datasets: datasets.map((n) => ({ ...one!, id: `a_${n}` })), mark: '' }),
    };
    const ask = callArea({ catalog: many, data_origin: '' }, routes);
    expect((await ask('/sitemap.xml')).body.match(/<sitemap>/g)).toHaveLength(2);
    expect((await ask('/sitemap.xml?page=2')).body.match(/<url>/g)).toHaveLength(1);
  });

  it('is a Dataset of schema.org where a dataset is asked for so', async () => {
    const ask = callArea({ catalog, runs: {} as never }, catalogRoutes as never);
    const get = (accept?: string) => ask('/v1/datasets/office_1', { headers: accept ? { Accept: accept } : {} });
    const { headers, json } = await get('application/ld+json');
    expect([headers['Content-Type'], headers.Vary]).toEqual(['application/ld+json', expect.stringContaining('Accept')]);
    expect(json()).toMatchObject({
      ...{ '@context': 'https://schema.org/', '@type': 'Dataset', name: 'T office_1', description: 'D', version: '1' },
      ...{ license: 'https://cc.test/0', keywords: ['a', 'wine'], temporalCoverage: '1970/2023' },
      publisher: { '@type': 'Organization', name: 'Office' },
      variableMeasured: [{ '@type': 'PropertyValue', name: 'Litros', unitText: 'L' }],
      distribution: [{ encodingFormat: 'text/csv' }, { contentUrl: 'office_1/download?format=parquet' }],
    });
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, application/ld+json;q=0.5'])
      expect([accept, (await get(accept)).headers['Content-Type']]).toEqual([accept, 'application/json']);
    expect((await ask('/v1/datasets/none', { headers: { Accept: 'application/ld+json' } })).statusCode).toBe(404);
  });
});
