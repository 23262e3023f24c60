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
  const catalog = dcatOf([dataset(), dataset({ id: 'unpublished', latest: null })]);

  it('R17: has a publisher, of itself and of each dataset', () => {
    expect(catalog['dct:publisher']).toEqual({ '@type': 'foaf:Agent', 'foaf:name': 'Granary' });
    expect(catalog['dcat:dataset']).toEqual([
      expect.objectContaining({ 'dct:publisher': { '@type': 'foaf:Agent', 'foaf:name': 'Embrapa' } }),
    ]);
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
});
