import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Dataset, PublishedVersion } from '@granary/domain/dataset';
import type { Catalog } from '@granary/domain/ports/catalog';
import type { ObjectStore } from '@granary/domain/ports/object-store';
import { readEmbrapaFile } from '@granary/sources/kinds/embrapa/read-file';
import { embrapa, embrapaFileOf } from '@granary/sources/testing/shipped';
import { profileJson } from '@granary/tabular/profile/profile-json';
import { createTableProfiler } from '@granary/tabular/profile/profile-table';
import { memorySink } from '@granary/tabular/sink';
import type { QuarantineEntry } from '@granary/tabular/table';
import { createTableWriter } from '@granary/tabular/table-writer';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Publishes a file of Embrapa as the next version of its dataset, as the collector would: for tests. */
export const publishCsv = async (
  { catalog, objects }: { catalog: Catalog; objects: ObjectStore },
  dataset: string,
  csv: string,
  later_ms = 0,
): Promise<PublishedVersion> => {
  const resource = embrapa.discover({ base_url: 'http://site.test/download/' }).find((one) => one.dataset === dataset);
  const definition = embrapa.datasets.find(({ id }) => id === dataset);
  if (!resource || !definition) throw new Error(`Embrapa has no dataset ${dataset}`);
  const { title, description, fields, key } = definition;
  const quarantine: QuarantineEntry[] = [];
  const parquet = memorySink();
  const profiler = createTableProfiler(fields);
  const table = createTableWriter({
    schema: { fields, key },
    parquet,
    sort: true,
    onQuarantine: (entry) => quarantine.push(entry),
    onBatch: profiler.add,
  });
  const out = {
    begin() {},
    rows: table.write,
    quarantine: (entry: QuarantineEntry) => void quarantine.push(entry),
  };
  const report = readEmbrapaFile(embrapaFileOf(dataset), Buffer.from(csv), { processing_date: '2026-01-02' }, out);
  const { rows, deduplicated } = await table.end();

  const { theme, tags, licence, publisher, id: source } = embrapa;
  const description_ = {
    id: dataset,
    title,
    description,
    publisher,
    theme,
    tags,
    licence,
    source,
    source_url: resource.url,
  };
  await catalog.describeDataset({ ...description_, fields, key });
  const version = (((await catalog.getDataset(dataset)) as Dataset).latest ?? 0) + 1;
  const prefix = `versions/${dataset}/${String(version).padStart(6, '0')}-abc/`;
  const rows_quarantined = quarantine.reduce((sum, entry) => sum + entry.rows, 0);
  const bytes = parquet.bytes();
  const lines = gzipSync(quarantine.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  await objects.put(`${prefix}data.parquet`, bytes);
  await objects.put(`${prefix}quarantine.ndjson.gz`, lines);
  const profile = Buffer.from(profileJson(profiler.profile()));
  await objects.put(`${prefix}profile.json`, profile);
  await objects.put(`${prefix}datapackage.json`, Buffer.from(JSON.stringify({ title })));
  const at = new Date(1_800_000_000_000 + version + later_ms).toISOString();
  const file = (content: Uint8Array) => ({ bytes: content.length, sha256: sha256(content) });
  const raw = Buffer.from(csv);
  await objects.put(`raw/${dataset}/${sha256(raw)}.gz`, gzipSync(raw));
  const published: PublishedVersion = {
    dataset,
    version,
    state: 'published',
    attempt: 'abc',
    owner: 'run/1',
    created_at: at,
    published_at: at,
    prefix,
    raw: {
      key: `raw/${dataset}/${sha256(raw)}.gz`,
      sha256: sha256(raw),
      bytes: raw.length,
      url: resource.url,
      etag: null,
      last_modified: null,
      fetched_at: at,
    },
    parser_version: 1,
    counts: {
      rows_read: rows + deduplicated + rows_quarantined,
      rows_published: rows,
      rows_quarantined,
      rows_deduplicated: deduplicated,
    },
    files: {
      'data.parquet': file(bytes),
      'data.csv.gz': file(lines),
      'datapackage.json': file(lines),
      'quarantine.ndjson.gz': file(lines),
      'profile.json': file(profile),
    },
    fields,
    key,
    ...report,
    run: 'run',
  };
  const { prefix: _prefix, raw: _raw, ...pending } = published;
  await catalog.reserve({ ...pending, state: 'pending', lease_until: at });
  if (!(await catalog.commit(published)) || !(await catalog.advance(published))) throw new Error('not published');
  return published;
};
