import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { type OpenTable, openTable } from '@granary/tabular/query/open-table';

/** The table of a version, of which only the footer is read. */
export const openVersion = (objects: Pick<ObjectReader, 'getRange'>, version: PublishedVersion): Promise<OpenTable> => {
  const key = `${version.prefix}data.parquet`;
  const byteLength = version.files['data.parquet'].bytes;
  return openTable({ byteLength, read: (start, end) => objects.getRange(key, start, end) });
};
