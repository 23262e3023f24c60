import type { Dataset } from '@granary/domain/dataset';
import { describe, expect, it } from '@jest/globals';
import { dcatOf } from './dcat.ts';

const dataset = (more: Partial<Dataset> = {}): Dataset => ({
  id: 'embrapa_producao',
  title: 'Production',
  description: 'Litres by product and year.',
  publisher: 'Embrapa',
  theme: 'agriculture',
  tags: ['wine'],
  licence: { name: 'CC0-1.0', title: 'CC0', path: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  source: 'embrapa',
  source_url: 'http://vitibrasil.example/download/Producao.csv',
  fields: [],
  key: [],
  latest: 3,
  rows: 1,
  rows_quarantined: 0,
  bytes: 1,
  updated_at: '2026-11-20T00:00:00.000Z',
  checked_at: '2026-11-20T00:00:00.000Z',
  gone_at: null,
  refused: null,
  ...more,
});

/** Every node that is referred to, by the property that does. */
const referredTo = (node: unknown, property = ''): [string, Record<string, unknown>][] => {
  if (Array.isArray(node)) return node.flatMap((each) => referredTo(each, property));
  if (typeof node !== 'object' || node === null || '@value' in node) return [];
  const inner = Object.entries(node).filter(([name]) => !name.startsWith('@'));
  return [[property, node as Record<string, unknown>], ...inner.flatMap(([name, value]) => referredTo(value, name))];
};

// The shapes themselves are asked in CI (.ci/suites/python-clients), where they are there.
describe('The catalog as DCAT', () => {
  const catalog = dcatOf({ datasets: [dataset()], next: null, total: 1 });

  it('R17: has a publisher, of itself and of each dataset', () => {
    const agent = (name: string) => ({
      '@id': `catalog.jsonld#publisher-${name}`,
      '@type': 'foaf:Agent',
      'foaf:name': name,
    });
    expect(catalog['dct:publisher']).toEqual(agent('Granary'));
    expect(catalog['dcat:dataset']).toEqual([expect.objectContaining({ 'dct:publisher': agent('Embrapa') })]);
  });

  it('R17: says the class of everything that it refers to, and of media types that they are such', () => {
    const nodes = referredTo(catalog);
    const untyped = nodes.filter(
      ([property, node]) => property !== 'dcat:accessService' && node['@type'] === undefined,
    );
    expect(untyped).toEqual([]);
    const types = nodes.filter(([property]) => /mediaType|compressFormat/.test(property)).map(([, node]) => node);
    expect(types).toHaveLength(3);
    for (const type of types) {
      expect(type).toEqual({
        '@id': expect.stringMatching(/^https:\/\/www\.iana\.org\/assignments\/media-types\/\w+\/[\w.-]+$/),
        '@type': 'dct:MediaType',
      });
    }
  });

  it('R17: names the file that a dataset was made from, without making another dataset of it', () => {
    const nodes = referredTo(catalog);
    const source = { '@id': 'http://vitibrasil.example/download/Producao.csv', '@type': 'prov:Entity' };
    expect(nodes).toContainEqual(['prov:wasDerivedFrom', source]);
    expect(nodes.filter(([, node]) => node['@type'] === 'dcat:Dataset')).toHaveLength(1);
  });

  it('has what DCAT-US 3 requires of a catalog and of each dataset, publishers with an IRI', () => {
    for (const member of ['dct:title', 'dct:description', 'dct:publisher', 'dcat:dataset'] as const)
      expect(catalog[member]).toBeDefined();
    const [one] = catalog['dcat:dataset'];
    for (const member of ['dct:title', 'dct:description', 'dct:publisher'] as const)
      expect(one?.[member]).toBeDefined();
    expect(one?.['dct:publisher']['@id']).toBe('catalog.jsonld#publisher-Embrapa');
    expect(one?.['dct:identifier']).toBe('embrapa_producao');
  });

  it('says which years a dataset is about, where that is known', () => {
    const years = { first: 1970, last: 2023 };
    const [one] = dcatOf({ datasets: [dataset({ years })], next: null, total: 1 })['dcat:dataset'];
    expect(one).toMatchObject({
      'dct:temporal': {
        '@type': 'dct:PeriodOfTime',
        'dcat:startDate': { '@type': 'xsd:gYear', '@value': '1970' },
        'dcat:endDate': { '@type': 'xsd:gYear', '@value': '2023' },
      },
    });
  });
});
