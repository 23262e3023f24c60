import { describe, expect, it } from '@jest/globals';
import type { ApiClient, ListedSource } from './api-client.ts';
import { putSampleSources, sampleSources } from './sample-sources.ts';

const BASE = 'http://127.0.0.1:9000/porto-claro/';

/** An API that has these sources; what is put to it, with its condition. */
const apiOf = (sources: readonly Partial<ListedSource>[]) => {
  const put: { source: { id: string }; condition: Record<string, string> }[] = [];
  const api: Pick<ApiClient, 'sources' | 'source' | 'putSource'> = {
    sources: async () => sources as ListedSource[],
    source: async (id) => ({ id, title: 'As somebody edited it', base_url: 'http://127.0.0.1:1/' }),
    putSource: async (source, condition) => put.push({ source, condition }),
  };
  return { api, put };
};
const there = (change: Partial<ListedSource> = {}): Partial<ListedSource>[] =>
  sampleSources(BASE).map(({ id, base_url }) => ({ id, base_url, state: 'active', revision: 3, ...change }));

describe('The sources that a start puts', () => {
  it('are created where they are not there yet', async () => {
    const { api, put } = apiOf([{ id: 'embrapa', state: 'active' }]);
    await putSampleSources(api, BASE, {});
    expect(put).toEqual(sampleSources(BASE).map((source) => ({ source, condition: { 'if-none-match': '*' } })));
    expect(put.map(({ source }) => source.id)).toEqual(['porto_claro', 'porto_claro_pages']);
  });

  it('are left as they are where they lie at the same address, or an operator paused or deleted them', async () => {
    const elsewhere = { base_url: 'http://127.0.0.1:1/' };
    for (const change of [{}, { ...elsewhere, state: 'paused' }, { ...elsewhere, state: 'deleted' }] as const) {
      const { api, put } = apiOf(there(change));
      await putSampleSources(api, BASE, {});
      expect(put).toEqual([]);
    }
  });

  it('get their new address, and keep what was edited, where they lie at another one now', async () => {
    const { api, put } = apiOf(there({ base_url: 'http://127.0.0.1:1/' }));
    await putSampleSources(api, BASE, {});
    const moved = { title: 'As somebody edited it', base_url: BASE };
    expect(put).toEqual(
      ['porto_claro', 'porto_claro_pages'].map((id) => ({
        source: { ...moved, id },
        condition: { 'if-match': '"3"' },
      })),
    );
  });

  it('are left out by their variables, and nobody is asked where all are', async () => {
    const { api, put } = apiOf([]);
    await putSampleSources(api, BASE, { GRANARY_PORTO_CLARO_URL: 'none' });
    expect(put.map(({ source }) => source.id)).toEqual(['porto_claro_pages']);
    const none = { GRANARY_PORTO_CLARO_URL: 'none', GRANARY_PORTO_CLARO_PAGES_URL: 'none' };
    const silent = { ...api, sources: async () => Promise.reject(new Error('It was asked')) };
    await putSampleSources(silent, BASE, none);
  });
});
