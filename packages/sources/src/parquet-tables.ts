import { RefusedContent } from '@granary/domain/errors';
import { type FoundTable, onlyTable, type ReadOptions, type ResourceFile } from '@granary/domain/reading';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { openForeignParquet, readForeignParquet } from '@granary/tabular/foreign-parquet/read-foreign-parquet';
import { UnreadableParquet } from '@granary/tabular/foreign-parquet/unreadable-parquet';
import { FIXED_FORM } from './fixed-form.ts';
import { markersOf } from './missing-markers.ts';

/**
 * The table of a Parquet file, of any writer. Its columns are of the types that the file says. Throws RefusedContent
 * for nested columns, and for what is encrypted, damaged or compressed in a way that is not known.
 */
export const parquetTables = async (
  { missing }: { missing?: readonly string[] },
  file: ResourceFile,
): Promise<readonly FoundTable[]> => {
  const opened = await refusing(() =>
    openForeignParquet({ bytes: file.bytes, read: (from, to) => file.read(from, to) }),
  );
  const header = opened.columns.map(({ name }) => name);
  const markers = markersOf(missing);
  const [table] = onlyTable(async ({ processing_date, fields = [] }: ReadOptions, out) => {
    const contract = { fields: fields.filter(({ name }) => !isProvenance(name)) };
    const reading = await refusing(() =>
      readForeignParquet(opened, { contract, missing: markers, processing_date }, out),
    );
    return {
      dialect: FIXED_FORM,
      header: reading.header,
      notes: ['`line` is the number of the row.', ...reading.notes],
    };
  });
  return [{ ...table!, header, place: 'a Parquet file' }];
};

const refusing = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UnreadableParquet
      ? new RefusedContent(`The Parquet file cannot be read: ${error.message}.`)
      : error;
  }
};
