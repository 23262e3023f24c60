import { profileJson } from '@granary/tabular/profile/profile-json';
import { readBack } from '@granary/tabular/read-back/read-back';
import type { Batch, Field } from '@granary/tabular/table';
import { NotReadBack, RefusedContent, TemporaryFolderFull } from '../../errors.ts';
import type { FoundTable, TableSink } from '../../reading.ts';
import { discardedColumns } from '../../rules/contract.ts';
import type { Converted, ReadTable } from '../publish/publish-version.ts';
import { type TableConversion, type TableRead, tableConverter } from './table-converter.ts';
import { createTableFiles, type TableFiles } from './table-files.ts';

/** The caller removes its folder. */
export type Conversion = TableConversion & {
  /** How its rows are read. */
  read: FoundTable['read'];
  /** Of the file that it stands in. */
  bytes: number;
  /** `YYYY-MM-DD` */
  processing_date: string;
  /** Of the version before. */
  previous_header?: readonly string[];
  previous_fields?: readonly Field[];
};

/** A version is one item of DynamoDB, which has 400 KiB at most. The rest is for its files and its origin. */
const MOST_DESCRIBED = 380_000;

/** As JSON it takes more than as an item. */
const refuseTooLarge = ({ fields, key, dialect, header, notes, profile }: ReadTable): void => {
  const bytes = Buffer.byteLength(JSON.stringify({ fields, key, dialect, header, notes, profile }));
  if (bytes <= MOST_DESCRIBED) return;
  const [takes, most] = [bytes, MOST_DESCRIBED].map((size) => Math.ceil(size / 1000));
  throw new RefusedContent(
    `What describes the table, with its ${fields.length} columns, takes ${takes} kB, and ${most} kB can be kept.`,
  );
};

/**
 * Reads a table of a resource, streaming, and writes it where there are files for it. Throws RefusedContent when it is
 * none that can be read, or when not a single row of it can be published: an older version is worth more than an empty
 * one.
 */
export const readRows = async (conversion: Conversion, files?: TableFiles): Promise<ReadTable & TableRead> => {
  const { definition, read, processing_date, previous_header, previous_fields: before } = conversion;
  const { contract, fields, key } = definition;
  const declared = [...fields, ...key.map((name) => ({ name }))];
  let table: ReturnType<typeof tableConverter> | undefined;
  const begun = (): ReturnType<typeof tableConverter> => {
    if (!table) throw new Error(`The reader of '${definition.id}' did not begin a table`);
    return table;
  };
  let discarded: string[] = [];
  let kept: readonly number[] | undefined;
  const withoutDiscarded = (batch: Batch): Batch =>
    kept ? { rows: batch.rows, columns: kept.map((index) => batch.columns[index]!) } : batch;
  const out: TableSink = {
    begin(found) {
      if (table) files?.restart();
      discarded = discardedColumns(found, { before, declared, contract });
      const some = found.filter(({ name }) => !discarded.includes(name));
      kept = discarded.length > 0 ? some.map((field) => found.indexOf(field)) : undefined;
      table = tableConverter(conversion, some, files);
    },
    rows: (batch) => begun().rows(withoutDiscarded(batch)),
    quarantine: (entry) => begun().quarantine(entry),
  };
  const report = await read({ processing_date, previous_header, fields: definition.fields }, out);
  const notes = [
    ...report.notes,
    ...discarded.map((name) => `The column ${name} is new and was discarded, as the contract says.`),
  ];
  const all = { ...(await begun().end()), ...report, notes };
  refuseTooLarge(all);
  return all;
};

/**
 * The same into files, both of which are then read back, a row group at a time; NotReadBack when they hold anything but
 * what was written.
 */
export const convertTable = async (conversion: Conversion & { folder: string }): Promise<Converted> => {
  const { definition, bytes, folder } = conversion;
  const files = createTableFiles(folder);
  try {
    const { columns, sums, ...table } = await readRows(conversion, files);
    files.profile.write(Buffer.from(profileJson(columns)));
    const written = files.end();
    const { 'data.parquet': parquet, 'data.csv.gz': csvGz } = written;
    const difference = await readBack({ schema: table, sorted: true, sums, parquet, csvGz });
    if (difference) throw new NotReadBack(`'${definition.id}' does not read back as it was written: ${difference}`);
    return { ...table, files: written };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new TemporaryFolderFull(
      `The temporary folder is full: '${definition.id}' is made of ${bytes} bytes, and its tables and sorted runs take up to ` +
        'three times as much beside them. Raise tmp_mb of the function collect, or lower max_bytes of its source.',
    );
  } finally {
    files.abandon();
  }
};
