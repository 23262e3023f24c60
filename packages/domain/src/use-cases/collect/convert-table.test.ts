import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Batch } from '@granary/tabular/table';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type FoundTable, onlyTable, type ResourceFile } from '../../reading.ts';
import { convertOnly } from '../testing/convert-only.ts';
import { figures } from '../testing/figures-source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const convert = (read: FoundTable['read'], content = '', onFile: (file: ResourceFile) => void = () => {}) => {
  const path = join(folder, 'fetched');
  writeFileSync(path, content);
  const [resource] = figures.discover({ base_url: figures.base_url });
  const definition = { ...figures.datasets[0]!, key: [] };
  return convertOnly({
    source: {
      tables: async (_resource, file) => {
        onFile(file);
        return onlyTable(read);
      },
    },
    definition,
    resource: resource!,
    path,
    folder,
    processing_date: '2026-11-20',
  });
};
const textOf = (name: string): string => gunzipSync(readFileSync(join(folder, name))).toString();
const report = { dialect: {} as never, header: [], notes: [] };
const years: Batch = { rows: 2, columns: [{ type: 'int32', values: Int32Array.of(1970, 1971) }] };
const texts: Batch = { rows: 1, columns: [{ type: 'double', values: Float64Array.of(1.5) }] };
const entry = (reason: string) => ({ line: 1, column: null, positions: [], raw: 'x', reason, rows: 1 });

it('A table that its reader begins anew, with other types, holds nothing of what came before', async () => {
  const converted = await convert(async (_options, out) => {
    out.begin([{ name: 'n', type: 'int32', nullable: false }]);
    out.rows(years);
    out.quarantine(entry('too early'));
    out.begin([{ name: 'n', type: 'double', nullable: false }]);
    out.quarantine(entry('unfit'));
    out.rows(texts);
    return report;
  });
  expect(converted.fields).toEqual([{ name: 'n', type: 'double', nullable: false }]);
  expect(converted.counts).toEqual({ rows_read: 2, rows_published: 1, rows_quarantined: 1, rows_deduplicated: 0 });
  expect(textOf('data.csv.gz')).toBe('n\r\n1.5\r\n');
  expect(textOf('quarantine.ndjson.gz')).toBe(`${JSON.stringify(entry('unfit'))}\n`);
});

it('A table tells which years it is about, where a column does', async () => {
  const of = (name: string) =>
    convert(async (_options, out) => {
      out.begin([{ name, type: 'int32', nullable: false }]);
      out.rows(years);
      return report;
    });
  expect((await of('year')).years).toEqual({ first: 1970, last: 1971 });
  expect((await of('litres')).years).toBeUndefined();
});

it('A reader sees the bytes of the file, in chunks, by ranges, and as often as it looks', async () => {
  const content = `${'a'.repeat(300_000)}end`;
  const read: FoundTable['read'] = async (_options, out) => {
    out.begin([{ name: 'n', type: 'int32', nullable: false }]);
    out.rows(years);
    return report;
  };
  await convert(read, content, (file) => {
    const seen = () => Buffer.concat([...file.chunks()].map((chunk) => Buffer.from(chunk))).length;
    expect([file.bytes, seen(), seen()]).toEqual([300_003, 300_003, 300_003]);
    expect(Buffer.from(file.read(299_999, 400_000)).toString()).toBe('aend');
    expect(file.read(5, 5)).toHaveLength(0);
  });
});

it('A reader that begins no table is a mistake in its code, and is told so', async () => {
  await expect(convert(async () => report)).rejects.toThrow("The reader of 'test_wine' did not begin a table");
});

it('A temporary folder that is full is said so, with what to do; the message comes again', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const converted = convert(() => Promise.reject(full), 'abc');
  await expect(converted).rejects.toMatchObject({ code: 'temporary-folder-full', decision: 'retry' });
  await expect(converted).rejects.toThrow(/'test_wine' is made of 3 bytes.*Raise tmp_mb/);
});
