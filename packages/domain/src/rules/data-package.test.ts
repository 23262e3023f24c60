import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { describe as describeDataset } from '../use-cases/publish/describe-dataset.ts';
import { figures, message } from '../use-cases/testing/figures-source.ts';
import { dataPackage } from './data-package.ts';

// The profile as its publisher has it (https://datapackage.org/profiles/2.0/datapackage.json, from the MIT package
// dplib-py 1.1.0), without its texts.
const profile = JSON.parse(readFileSync(new URL('../testdata/datapackage-2.0.profile.json', import.meta.url), 'utf8'));
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(profile);

const file = { bytes: 12, sha256: 'ab'.repeat(32) };
const descriptor = () =>
  dataPackage({
    dataset: describeDataset(figures, message('run').resource),
    version: 3,
    semver: '1.1.2',
    created: '2026-11-20T08:00:00.000Z',
    fields: figures.datasets[0]!.fields,
    key: ['year'],
    raw: {
      key: 'raw/test_wine/x.gz',
      sha256: 'cd'.repeat(32),
      bytes: 9,
      url: 'http://figures.test/wine.csv',
      etag: null,
      last_modified: null,
      fetched_at: '2026-11-20T08:00:00.000Z',
    },
    counts: { rows_read: 2, rows_published: 2, rows_quarantined: 0, rows_deduplicated: 0 },
    files: { 'data.parquet': file, 'data.csv.gz': file, 'quarantine.ndjson.gz': file, 'profile.json': file },
  });

describe('The descriptor of a version', () => {
  it('is a Data Package of version 2', () => {
    expect({ valid: validate(descriptor()), errors: validate.errors }).toEqual({ valid: true, errors: null });
  });
  it('would not pass without a name for its licence or with another kind of hash', () => {
    const broken = descriptor() as { licenses: object[]; resources: { hash: string }[] };
    broken.licenses = [{ title: 'Free' }];
    expect(validate(broken)).toBe(false);
    const wrong = descriptor() as typeof broken;
    wrong.resources[0]!.hash = 'sha256 of it';
    expect(validate(wrong)).toBe(false);
  });
  it('R18: calls a table only what frictionless checks as one, and names bytes and hash of each file as it lies there', () => {
    // By its name: `frictionless` wants pandas for `parquet` and then counts no bytes; for `ndjson` another package,
    // and at least one line.
    const tables = ['parquet', 'parq', 'ndjson', 'jsonl', 'json', 'csv', 'tsv'];
    const { resources } = descriptor() as { resources: Record<string, unknown>[] };
    const [csv, ...files] = resources;
    expect(csv).toMatchObject({ type: 'table', format: 'csv', path: 'data.csv.gz' });
    for (const { type, format } of files) expect([type, tables.includes(format as string)]).toEqual([undefined, false]);
    for (const { bytes, hash } of resources) expect([bytes, hash]).toEqual([file.bytes, `sha256:${file.sha256}`]);
  });
  it('says what the tables hold, how the CSV is written, and where it comes from', () => {
    expect(descriptor()).toMatchObject({
      id: 'test_wine@3',
      version: '1.1.2',
      granary: { version: 3 },
      licenses: [{ name: 'CC0-1.0' }],
      sources: [{ path: 'http://figures.test/wine.csv' }],
      resources: [
        {
          path: 'data.csv.gz',
          hash: `sha256:${file.sha256}`,
          dialect: { delimiter: ',', lineTerminator: '\r\n', header: true },
          schema: {
            primaryKey: ['year'],
            fields: [
              { name: 'year', type: 'integer', constraints: { required: true } },
              { name: 'quantity', type: 'number', unit: 'L' },
              { name: 'line', type: 'integer' },
              { name: 'processing_date', type: 'date' },
            ],
          },
        },
        { path: 'data.parquet' },
        { path: 'quarantine.ndjson.gz' },
        { path: 'profile.json' },
      ],
    });
  });
});
