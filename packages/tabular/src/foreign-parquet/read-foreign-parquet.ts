/**
 * Parquet files of any writer to typed columns, a part of a row group at a time, through hyparquet. Files that this
 * package wrote are queried by its own reader (query/open-table.ts).
 */
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { PROVENANCE_FIELDS } from '../csv/provenance-columns.ts';
import { uniqueIdentifiers } from '../identifier.ts';
import { WIDE_MISSING_MARKERS } from '../numbers.ts';
import type { Cell, Field } from '../table.ts';
import { createTableBuilder, isOfType } from '../table-builder.ts';
import type { TableSink } from '../table-sink.ts';
import { cellRules, declaredRules, typedValue } from '../typing.ts';
import { CODEC_NAMES, CODECS } from './codecs.ts';
import { type ParquetColumn, parquetColumn, UnfitCell } from './parquet-columns.ts';
import { UnreadableParquet } from './unreadable-parquet.ts';

export type ParquetInput = { readonly bytes: number; read(from: number, to: number): Uint8Array };
export type ReadParquetOptions = {
  /** Fields by name; their types outrank those of the file. */
  contract?: { fields: readonly Field[] };
  missing?: ReadonlySet<string>;
  /** Written into every row, `YYYY-MM-DD`. */
  processing_date: string;
};
export type ParquetReading = { fields: readonly Field[]; header: string[]; notes: string[] };

/** A file whose footer was read. */
export type OpenedParquet = {
  input: ParquetInput;
  /** Without annotations that hyparquet would read inexactly, such as of decimals. */
  metadata: FileMetaData;
  columns: readonly ParquetColumn[];
};

/** Values that are held at a time, and bytes of them as they are without compression. */
const MOST_VALUES = 2_000_000;
const MOST_BYTES = 100_000_000;
const MOST_GROUP_BYTES = 1_000_000_000;

/** Whether a file begins as Parquet does; `PARE` where its footer is encrypted. */
export const isParquet = (head: Uint8Array): boolean =>
  /^PAR[1E]/.test(Buffer.from(head.subarray(0, 4)).toString('latin1'));

/**
 * Reads the footer of a file. Throws UnreadableParquet for one that is cut, encrypted or compressed in a way that is
 * not known, and for nested columns.
 */
export const openForeignParquet = async (input: ParquetInput): Promise<OpenedParquet> => {
  const text = (from: number, to: number): string => Buffer.from(input.read(from, to)).toString('latin1');
  if (text(0, 4) === 'PARE') throw new UnreadableParquet('it is encrypted');
  if (text(input.bytes - 4, input.bytes) !== 'PAR1') throw new UnreadableParquet('it was cut short');
  const { parquetMetadataAsync } = await import('hyparquet');
  // What it looks for in a damaged schema, it looks for without an end: a schema is flat before it is searched.
  leavesOf((await explained(() => parquetMetadataAsync(fileOf(input), { geoparquet: false }))).schema);
  const metadata = await explained(() => parquetMetadataAsync(fileOf(input)));
  // A damaged footer may have anything in the place of anything.
  return explained(async () => examined(input, metadata));
};

const examined = (input: ParquetInput, metadata: FileMetaData): OpenedParquet => {
  const elements = leavesOf(metadata.schema);
  const columns = elements.map(parquetColumn);
  const twice = columns.find(({ name }, index) => columns.findIndex((one) => one.name === name) < index);
  if (twice) throw new UnreadableParquet(`two of its columns are named '${twice.name}'`);
  if (columns.length === 0) throw new UnreadableParquet('it has no columns');
  const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (rows !== metadata.num_rows)
    throw new UnreadableParquet(`it is damaged (its row groups have ${rows} rows of ${metadata.num_rows})`);
  for (const { columns: chunks, total_byte_size, num_rows } of metadata.row_groups) {
    const isWhole =
      chunks.length === columns.length && chunks.every(({ meta_data }) => meta_data?.num_values === num_rows);
    const isOther = chunks.some(({ meta_data }, index) => meta_data?.type !== elements[index]!.type);
    if (isOther) throw new UnreadableParquet('it is damaged (a column is of two types)');
    if (!isWhole) throw new UnreadableParquet('it is damaged (a column has more or fewer values than there are rows)');
    if (total_byte_size > MOST_GROUP_BYTES)
      throw new UnreadableParquet(`a row group has ${total_byte_size} bytes, and ${MOST_GROUP_BYTES} are read`);
    const codec = chunks.map(({ meta_data }) => meta_data?.codec ?? '').find((one) => !CODEC_NAMES.includes(one));
    if (codec !== undefined)
      throw new UnreadableParquet(`it is compressed by ${codec}; what is read is ${CODEC_NAMES.join(', ')}`);
  }
  return { input, columns, metadata: { ...metadata, schema: metadata.schema.map(asItIs) } };
};

const fileOf = ({ bytes, read }: ParquetInput) => ({
  byteLength: bytes,
  slice: (from: number, to = bytes) => Uint8Array.from(read(from, to)).buffer as ArrayBuffer,
});

/** What hyparquet says of a damaged file is meant for programmers; it is passed on as the reason all the same. */
const explained = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnreadableParquet) throw error;
    throw new UnreadableParquet(`it is damaged (${(error as Error).message})`);
  }
};

const leavesOf = ([, ...elements]: readonly SchemaElement[]): readonly SchemaElement[] => {
  if (elements.some(({ name }) => typeof name !== 'string'))
    throw new UnreadableParquet('it is damaged (a column has no name)');
  const nested = elements.find(({ num_children, repetition_type }) => num_children || repetition_type === 'REPEATED');
  if (!nested) return elements;
  throw new UnreadableParquet(
    `its column '${nested.name}' is nested (a list, a map or a structure); write each value to a column of its own, or as JSON text`,
  );
};

/** Decimals would be multiplied, moments cut to milliseconds, and bytes taken for text: all come as they are stored. */
const asItIs = (element: SchemaElement): SchemaElement => {
  const geometry = element.logical_type?.type === 'GEOMETRY' || element.logical_type?.type === 'GEOGRAPHY';
  const half = element.logical_type?.type === 'FLOAT16';
  if (geometry || half || element.type === undefined) return element;
  const { converted_type: _, logical_type: __, ...plain } = element;
  return plain;
};

/** Values of a range of rows, by column. */
const valuesOf = async (
  { input, metadata, columns }: OpenedParquet,
  { from, to, only }: { from: number; to: number; only?: readonly string[] },
): Promise<Map<string, unknown[]>> => {
  const { parquetRead } = await import('hyparquet');
  const values = new Map(
    (only ?? columns.map(({ name }) => name)).map((name) => [name, new Array<unknown>(to - from)]),
  );
  const found = new Map<string, number>();
  await explained(() =>
    parquetRead({
      ...{ file: fileOf(input), metadata, compressors: CODECS, utf8: false, columns: [...values.keys()] },
      ...{ rowStart: from, rowEnd: to },
      parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
      onChunk({ columnName, columnData, rowStart }) {
        const target = values.get(columnName)!;
        const first = Math.max(0, from - rowStart);
        const last = Math.min(columnData.length, to - rowStart);
        for (let at = first; at < last; at++) target[rowStart + at - from] = columnData[at] ?? null;
        found.set(columnName, (found.get(columnName) ?? 0) + Math.max(0, last - first));
      },
    }),
  );
  const short = [...values.keys()].find((name) => found.get(name) !== to - from);
  if (short !== undefined) throw new UnreadableParquet(`it is damaged (its column '${short}' ends before its rows)`);
  return values;
};

/** Ranges of rows that are read at a time, none over the end of a row group. */
function* rangesOf({ metadata, columns }: OpenedParquet): Generator<{ from: number; to: number }> {
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const bytes = Math.max(Number(group.total_byte_size) / Math.max(rows, 1), 1);
    const step = Math.max(1, Math.floor(Math.min(MOST_VALUES / columns.length, MOST_BYTES / bytes)));
    for (let from = 0; from < rows; from += step) yield { from: start + from, to: start + Math.min(from + step, rows) };
    start += rows;
  }
}

/** Columns whose values do not all fit the type that the file names become text. */
const settled = async (opened: OpenedParquet): Promise<ParquetColumn[]> => {
  const open = new Map(opened.columns.flatMap((one) => (one.unless ? [[one.name, one.unless] as const] : [])));
  const texts = new Set<string>();
  for (const range of rangesOf(opened)) {
    if (open.size === 0) break;
    for (const [name, values] of await valuesOf(opened, { ...range, only: [...open.keys()] })) {
      if (values.every((value) => value === null || open.get(name)!.fits(value))) continue;
      texts.add(name);
      open.delete(name);
    }
  }
  return opened.columns.map((column) =>
    texts.has(column.name) ? { name: column.name, type: 'string', cellOf: column.unless!.otherwise } : column,
  );
};

/** Reads all rows; `line` is the number of the row. Throws UnreadableParquet. */
export const readForeignParquet = async (
  opened: OpenedParquet,
  { contract, missing = WIDE_MISSING_MARKERS, processing_date }: ReadParquetOptions,
  out: TableSink,
): Promise<ParquetReading> => {
  const columns = await settled(opened);
  const rules = cellRules({ decimal: '.', thousands: null }, missing);
  const names = uniqueIdentifiers(
    columns.map(({ name }) => name),
    PROVENANCE_FIELDS.map(({ name }) => name),
  );
  const lost = contract?.fields.find(({ name }) => !names.includes(name));
  if (lost) throw new UnreadableParquet(`it has no column ${lost.name}; there are ${names.slice(0, 50).join(', ')}`);
  const read = columns.map(({ name, type, cellOf }, index) => {
    const declared = contract?.fields.find((field) => field.name === names[index]);
    const title = name.trim();
    const own: Field = { name: names[index]!, type, nullable: true, ...(title && title !== names[index] && { title }) };
    const field = declared ?? own;
    const convert = (value: unknown): Cell => {
      const cell = cellOf(value);
      if (cell === null) return cell;
      if (field.type === type) {
        // A file may say that 96 bits are an integer of 64, and have text where it says that there are numbers.
        if (isOfType(type, cell)) return cell;
        throw new UnfitCell(`${String(cell).slice(0, 200)} is no value of the type ${type} of ${field.name}`);
      }
      const converted = typedValue(String(cell), field.type, declaredRules(rules, field), true);
      if (converted !== undefined) return converted;
      throw new UnfitCell(
        `${JSON.stringify(String(cell).slice(0, 200))} is not of the type ${field.type} of ${field.name}`,
      );
    };
    return { name, field, convert, values: [] as unknown[] };
  });
  const fields = [...read.map(({ field }) => field), ...PROVENANCE_FIELDS];
  out.begin(fields);
  const builder = createTableBuilder({ fields, key: [] }, { emit: out.rows });
  let nans = 0;
  for (const { from, to } of rangesOf(opened)) {
    const values = await valuesOf(opened, { from, to });
    for (const column of read) column.values = values.get(column.name)!;
    for (let row = 0; row < to - from; row++) {
      const cells: Cell[] = [];
      try {
        for (const column of read) {
          const value = column.values[row] ?? null;
          const cell = value === null ? null : column.convert(value);
          if (cell === null && value !== null) nans++;
          if (cell === null && !column.field.nullable)
            throw new UnfitCell(`${column.field.name} has no value, and must have one`);
          cells.push(cell);
        }
        builder.append([...cells, from + row + 1, processing_date]);
      } catch (error) {
        if (!(error instanceof UnfitCell)) throw error;
        const column = read[cells.length]!;
        out.quarantine({
          ...{ line: from + row + 1, column: column.name, positions: [cells.length + 1], rows: 1 },
          ...{ raw: rawOf(column.values[row]), reason: error.message },
        });
      }
    }
    builder.end();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const notes =
    nans === 0 ? [] : [`${nans} ${nans === 1 ? 'value that is' : 'values that are'} no number (NaN) count as missing.`];
  return { fields, header: columns.map(({ name }) => name), notes };
};

const rawOf = (value: unknown): string => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
};
