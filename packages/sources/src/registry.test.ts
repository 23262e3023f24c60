import { readdirSync } from 'node:fs';
import { DATASET_ID } from '@granary/domain/dataset';
import { plausibilityFaults } from '@granary/domain/rules/plausibility';
import { HISTORY_ENDING } from '@granary/domain/sql-table';
import { describe, expect, it } from '@jest/globals';
import { sourceById, sources } from './registry.ts';

describe('the registry of sources', () => {
  it('holds the source of every file of its directory', async () => {
    const files = readdirSync(import.meta.dirname).filter(
      (name) => /^[a-z0-9-]+\.ts$/.test(name) && name !== 'registry.ts',
    );
    expect(files).toContain('embrapa.ts');
    const unregistered: string[] = [];
    for (const file of files) {
      const exported = Object.values(await import(`./${file}`));
      if (!exported.some((value) => sources.includes(value as (typeof sources)[number]))) unregistered.push(file);
    }
    // A file named here wants its line in registry.ts.
    expect(unregistered).toEqual([]);
    expect(files).toHaveLength(sources.length);
  });

  it('finds a source by its id and nothing by another', () => {
    expect(sourceById('embrapa')?.publisher).toBe('Embrapa Uva e Vinho');
    expect(sourceById('nothing')).toBeUndefined();
  });

  it('has ids that are unique, of sources and of datasets', () => {
    const ids = sources.map(({ id }) => id);
    const datasets = sources.flatMap((source) => source.datasets.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(datasets).size).toBe(datasets.length);
  });
});

describe.each(sources.map((source) => [source.id, source] as const))('the source %s', (id, source) => {
  it('names its datasets after itself, with identifiers for fields and keys of its own fields', () => {
    for (const dataset of source.datasets) {
      expect(dataset.id).toMatch(DATASET_ID);
      expect(dataset.id.startsWith(`${id}_`)).toBe(true);
      expect(dataset.id.endsWith(HISTORY_ENDING)).toBe(false);
      const names = dataset.fields.map(({ name }) => name);
      for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(new Set(names).size).toBe(names.length);
      expect(dataset.key.length).toBeGreaterThan(0);
      for (const name of dataset.key) expect(names).toContain(name);
      expect(names).toEqual(expect.arrayContaining(['line', 'processing_date']));
      expect(dataset.title).not.toBe('');
      expect(dataset.description).not.toBe('');
    }
  });

  it('says of its datasets what is plausible by columns and limits that there are', () => {
    for (const { fields, plausible = {} } of source.datasets) expect(plausibilityFaults(fields, plausible)).toEqual([]);
  });

  it('discovers one resource per dataset, below any base address', () => {
    for (const base_url of [source.base_url, 'http://127.0.0.1:4010/download/', 'http://127.0.0.1:4010/download']) {
      const resources = source.discover({ base_url });
      expect(resources.map(({ dataset }) => dataset).sort()).toEqual(
        source.datasets.map((dataset) => dataset.id).sort(),
      );
      for (const { url } of resources) expect(url.startsWith(base_url)).toBe(true);
    }
  });

  it('says who publishes it under which terms, how often and how fast it is asked', () => {
    expect(source.publisher).not.toBe('');
    expect(source.licence.name).toMatch(/^[-a-zA-Z0-9._]+$/);
    expect(source.schedule).toMatch(/^rate\((1 (minute|hour|day)|\d+ (minutes|hours|days))\)$/);
    expect(source.base_url_variable).toMatch(/^GRANARY_[A-Z][A-Z0-9_]*_URL$/);
    expect(new URL(source.base_url).protocol).toMatch(/^https?:$/);
    expect(source.requests_per_minute).toBeGreaterThan(0);
    expect(source.max_bytes).toBeGreaterThan(0);
    expect(source.parser_version).toBeGreaterThanOrEqual(1);
  });
});
