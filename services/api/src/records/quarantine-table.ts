import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { linesOf } from '@granary/tabular/lines-of';
import { type OpenTable, openTable } from '@granary/tabular/query/open-table';
import { memorySink } from '@granary/tabular/sink';
import type { Field, QuarantineEntry } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { createTableWriter } from '@granary/tabular/table-writer';
import { refusal } from './refusals.ts';

/** `positions`: of the source cells, `1,2`; empty where it is the whole line. */
export const QUARANTINE_FIELDS: readonly Field[] = [
  { name: 'line', type: 'int32', nullable: false },
  { name: 'column', type: 'string', nullable: true },
  { name: 'positions', type: 'string', nullable: false },
  { name: 'raw', type: 'string', nullable: false },
  { name: 'reason', type: 'string', nullable: false },
  { name: 'rows', type: 'int32', nullable: false },
];

/** Characters of a quarantine that are read into a table. */
const MOST_CHARACTERS = 64 * 2 ** 20;

/** The quarantine of a version as a table in memory, an entry a row. Throws UnfitQuery for one that is too large. */
export const quarantineTable = async (
  objects: Pick<ObjectReader, 'get'>,
  { dataset, version, prefix }: PublishedVersion,
): Promise<OpenTable> => {
  const key = `${prefix}quarantine.ndjson.gz`;
  const gzipped = await objects.get(key);
  if (!gzipped) throw new Error(`The object ${key} of a published version is missing.`);
  const schema = { fields: QUARANTINE_FIELDS, key: [] };
  const parquet = memorySink();
  const writer = createTableWriter({ schema, parquet, sort: false });
  const builder = createTableBuilder(schema, { emit: (batch) => writer.write(batch) });
  const gunzip = Readable.from([gzipped]).pipe(createGunzip());
  let characters = 0;
  try {
    for await (const line of linesOf(gunzip)) {
      if (line === '') continue;
      characters += line.length;
      if (characters > MOST_CHARACTERS) throw tooLarge(dataset, version);
      const { line: number, column, positions, raw, reason, rows } = JSON.parse(line) as QuarantineEntry;
      builder.append([number, column, positions.join(','), raw, reason, rows]);
    }
  } finally {
    gunzip.destroy();
  }
  builder.end();
  await writer.end();
  const bytes = parquet.bytes();
  return openTable({ byteLength: bytes.length, read: async (start, end) => bytes.subarray(start, end) });
};

const tooLarge = (dataset: string, version: number) =>
  refusal(400, {
    code: 'PGRST100',
    message: 'The quarantine is too large to be queried',
    details: 'It has more than 64 MiB of text.',
    hint: `Download it (/v1/datasets/${dataset}/download?format=quarantine&version=${version}), or read it page by page (/v1/datasets/${dataset}/quarantine).`,
  });
