import { join } from 'node:path';
import { filePieces } from '@granary/tabular/file-pieces';
import { readBack } from '@granary/tabular/read-back/read-back';
import { createTableSums } from '@granary/tabular/read-back/table-sums';
import { fileSink } from '@granary/tabular/sink';
import type { Batch, QuarantineEntry } from '@granary/tabular/table';
import { createTableWriter } from '@granary/tabular/table-writer';
import type { RowCounts } from '../dataset.ts';
import { LedgerImbalance, NotReadBack, RefusedContent } from '../errors.ts';
import type { DatasetDefinition, Resource, SourceDefinition } from '../source.ts';
import { profileTable } from './profile-table.ts';
import type { Converted } from './publish-version.ts';
import { quarantineWriter } from './quarantine-writer.ts';

export type Conversion = {
  source: Pick<SourceDefinition, 'parse'>;
  definition: DatasetDefinition;
  resource: Resource;
  /** The bytes as fetched. */
  path: string;
  /** Where the tables are written to; the caller removes it. */
  folder: string;
  /** `YYYY-MM-DD` */
  processing_date: string;
  /** Of the version before. */
  previous_header?: readonly string[];
};

/**
 * Parses a resource and writes its tables, streaming: memory grows with the rows of the table, not with the bytes of
 * the file. Every row that was read is published, quarantined or deduplicated, or else this throws. Throws
 * RefusedContent when the file is none of its kind, or when not a single row of it can be published: an older version
 * is worth more than an empty one. Both tables are then read back from their files, a row group at a time; NotReadBack
 * when they hold anything but what was written.
 */
export const convertResource = async (conversion: Conversion): Promise<Converted> => {
  const { source, definition, resource, path, folder, processing_date, previous_header } = conversion;
  const { fields, key } = definition;
  const parquet = fileSink(join(folder, 'data.parquet'));
  const csvGz = fileSink(join(folder, 'data.csv.gz'));
  const kept = quarantineWriter(join(folder, 'quarantine.ndjson.gz'));
  try {
    const tally = { emitted: 0, refused: 0, reason: '' };
    const onQuarantine = (entry: QuarantineEntry): void => {
      tally.reason ||= `line ${entry.line}: ${entry.reason}`;
      kept.write(entry);
    };
    const schema = { fields, key };
    const summer = createTableSums(fields);
    const profiler = profileTable(definition);
    const onBatch = (batch: Batch): void => {
      summer.add(batch);
      profiler.add(batch);
    };
    const writer = createTableWriter({ schema, parquet, csvGz, sort: true, onQuarantine, onBatch });
    const parser = source.parse(
      resource,
      { processing_date, previous_header },
      {
        rows(batch) {
          tally.emitted += batch.rows;
          writer.write(batch);
        },
        quarantine(entry) {
          tally.refused += entry.rows;
          onQuarantine(entry);
        },
      },
    );
    for await (const chunk of filePieces(path, 256 * 1024)) parser.push(chunk as Uint8Array);
    const report = parser.end();
    const table = await writer.end();
    const counts = balanced(definition.id, tally, table);
    if (counts.rows_published === 0) {
      const why = tally.reason ? `; ${tally.reason}` : '';
      throw new RefusedContent(`Not one of ${counts.rows_read} rows can be published${why}`);
    }
    const files = {
      'data.parquet': { path: join(folder, 'data.parquet'), ...parquet.end() },
      'data.csv.gz': { path: join(folder, 'data.csv.gz'), ...csvGz.end() },
      'quarantine.ndjson.gz': { path: join(folder, 'quarantine.ndjson.gz'), ...kept.end() },
    };
    const sums = summer.sums();
    const difference = await readBack({
      ...{ schema, sorted: true, sums },
      parquet: files['data.parquet'],
      csvGz: files['data.csv.gz'],
    });
    if (difference) throw new NotReadBack(`'${definition.id}' does not read back as it was written: ${difference}`);
    return { files, counts, fields, key, ...report, profile: profiler.profile(sums), keys: profiler.keys };
  } finally {
    for (const sink of [parquet, csvGz, kept]) sink.abandon();
  }
};

const balanced = (
  dataset: string,
  read: { emitted: number; refused: number },
  table: { rows: number; deduplicated: number; quarantined: number },
): RowCounts => {
  const counts: RowCounts = {
    rows_read: read.emitted + read.refused,
    rows_published: table.rows,
    rows_quarantined: read.refused + table.quarantined,
    rows_deduplicated: table.deduplicated,
  };
  const accounted = counts.rows_published + counts.rows_quarantined + counts.rows_deduplicated;
  if (accounted !== counts.rows_read) {
    throw new LedgerImbalance(`'${dataset}': ${counts.rows_read} rows were read but ${accounted} are accounted for`);
  }
  return counts;
};
