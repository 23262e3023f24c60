import { describe, expect, it } from '@jest/globals';
import { checkSource } from './check-source.ts';
import { TABLE_KINDS, USERS_KINDS } from './kinds.gen.ts';
import { sourceById, sources } from './registry.ts';
import { TABLE_SOURCES, USERS_SOURCE } from './sources.gen.ts';

describe('the registry of sources', () => {
  it('finds a source by its id and nothing by another', () => {
    expect(sourceById('embrapa')?.publisher).toBe('Embrapa Uva e Vinho');
    expect(sourceById('nothing')).toBeUndefined();
  });

  it('has ids that are unique, of sources and of datasets', () => {
    const ids = [...TABLE_SOURCES, USERS_SOURCE].map(({ id }) => id);
    const datasets = sources.flatMap((source) => source.datasets.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(datasets).size).toBe(datasets.length);
  });

  it('has kinds of unique names', () => {
    const names = [...TABLE_KINDS, ...USERS_KINDS].map(({ kind }) => kind);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.each([...TABLE_SOURCES, USERS_SOURCE].map((source) => [source.id, source] as const))(
  'the source %s',
  (_id, source) => {
    it('is plain data that its kind takes', () => {
      expect(checkSource(JSON.parse(JSON.stringify(source)), [...TABLE_KINDS, ...USERS_KINDS])).toEqual(source);
    });
  },
);

describe.each(sources.map((source) => [source.id, source] as const))('the source of tables %s', (_id, source) => {
  it('discovers one resource per dataset, below any base address', () => {
    for (const base_url of [source.base_url, 'http://127.0.0.1:4010/download/', 'http://127.0.0.1:4010/download']) {
      const resources = source.discover({ base_url });
      expect([...new Set(resources.map(({ dataset, like }) => like ?? dataset))].sort()).toEqual(
        source.datasets.map((dataset) => dataset.id).sort(),
      );
      for (const { url } of resources) expect(url.startsWith(base_url)).toBe(true);
    }
  });
});
