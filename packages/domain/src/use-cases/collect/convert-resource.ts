import { TemporaryFolderFull } from '../../errors.ts';
import type { TableSink } from '../../reading.ts';
import type { DatasetDefinition, Resource, SourceDefinition } from '../../source.ts';
import type { Converted } from '../publish/publish-version.ts';
import { convertTable } from './convert-table.ts';
import { openResourceFile } from './resource-file.ts';
import { createTableFiles } from './table-files.ts';

export type Conversion = {
  source: Pick<SourceDefinition, 'read'>;
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
 * Reads a resource and writes its table, streaming. Throws RefusedContent when the file is none of its kind, or when
 * not a single row of it can be published: an older version is worth more than an empty one. Both tables are then read
 * back from their files, a row group at a time; NotReadBack when they hold anything but what was written.
 */
export const convertResource = async (conversion: Conversion): Promise<Converted> => {
  const { source, definition, resource, path, folder, processing_date, previous_header } = conversion;
  const file = openResourceFile(path);
  const files = createTableFiles(folder);
  try {
    let table: ReturnType<typeof convertTable> | undefined;
    const begun = (): ReturnType<typeof convertTable> => {
      if (!table) throw new Error(`The reader of '${definition.id}' did not begin a table`);
      return table;
    };
    const out: TableSink = {
      begin(fields) {
        if (table) files.restart();
        table = convertTable(definition, fields, files);
      },
      rows: (batch) => begun().rows(batch),
      quarantine: (entry) => begun().quarantine(entry),
    };
    const report = await source.read(resource, file, { processing_date, previous_header }, out);
    return { ...(await begun().end()), ...report };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new TemporaryFolderFull(
      `The temporary folder is full: '${definition.id}' is made of ${file.bytes} bytes, and its tables and sorted runs take up to ` +
        'three times as much beside them. Raise tmp_mb of the function collect, or lower max_bytes of its source.',
    );
  } finally {
    file.close();
    files.abandon();
  }
};
