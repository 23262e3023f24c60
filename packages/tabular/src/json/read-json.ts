/** Records of JSON of any size to typed columns. Types are inferred from every record, or declared by a contract. */
import { PROVENANCE_FIELDS } from '../csv/provenance-columns.ts';
import { uniqueIdentifiers } from '../identifier.ts';
import type { Cell, ColumnType, Field } from '../table.ts';
import { createTableBuilder } from '../table-builder.ts';
import type { TableSink } from '../table-sink.ts';
import { typeOfKinds } from '../typing.ts';
import { createFlattener, type Flattener, type JsonCells, type JsonColumn, UnfitRecord } from './flatten.ts';
import { pathText } from './json-path.ts';
import { eachRecord, type JsonForm, type JsonInput } from './json-records.ts';
import { type JsonTypes, jsonTypes } from './json-types.ts';
import { UnreadableJson } from './unreadable-json.ts';

export type ReadJsonOptions = {
  /** Fields by name; their types outrank inference: a record that does not fit is quarantined. */
  contract?: { fields: readonly Field[] };
  /** Markers, in lower case, of values that are not available; null in all columns but those of text. */
  missing?: ReadonlySet<string>;
  /** Written into every row, `YYYY-MM-DD`. */
  processing_date: string;
};

export type JsonReading = {
  fields: readonly Field[];
  /** The names of what the columns hold, joined by points: `address.city`. */
  header: string[];
  rows_read: number;
  quarantined: number;
  /** Why there are no `lon` and `lat`, though there are points. */
  without_places?: string;
};

/** `column`: undefined where the contract has a field that no record has. */
type ReadColumn = { column: JsonColumn | undefined; field: Field; declared: boolean };

const LOST = 'a character of the record was lost before it was published (U+FFFD stands in its place)';
/** Cells, and characters of text, of one batch. */
const BATCH_CELLS = 500_000;
const BATCH_ROWS = 10_000;
const BATCH_TEXT = 16_000_000;

/**
 * Reads a file whose form is known. The first pass learns the columns and their types, the second one writes the rows.
 * Throws UnreadableJson, also for a declared column that must have values and is nowhere.
 */
export const readJson = async (
  input: JsonInput,
  form: JsonForm,
  { contract, missing, processing_date }: ReadJsonOptions,
  out: TableSink,
): Promise<JsonReading> => {
  const types = jsonTypes(missing);
  const flattener = createFlattener({ features: form.geojson });
  const kinds = new Map<JsonColumn, number>();
  let records = 0;
  let reason = '';
  await eachRecord(input, form, (text) => {
    records++;
    const cells = flatten(flattener, text);
    if (typeof cells === 'string') {
      reason ||= `; ${cells}`;
      return;
    }
    for (const [column, { sort, text: written }] of cells)
      kinds.set(column, (kinds.get(column) ?? 0) | types.kindOf(sort, written));
  });
  if (records === 0) throw new UnreadableJson(`it has no record at '${'lines' in form ? '$' : pathText(form.path)}'`);
  const without = form.geojson ? withoutPlaces(flattener, form) : undefined;
  const found = flattener.columns({ places: without === undefined });
  const columns = columnsOf(found, kinds, contract?.fields ?? []);
  if (columns.length === 0) throw new UnreadableJson(`none of its ${records} records is an object with names${reason}`);
  const fields = [...columns.map(({ field }) => field), ...PROVENANCE_FIELDS];
  out.begin(fields);
  const rows = await writeRows(input, form, { flattener, types, columns, fields, processing_date }, out);
  const header = columns.map(({ column, field }) => column?.title ?? field.name);
  return { fields, header, ...rows, ...(without !== undefined && { without_places: without }) };
};

/** The cells of a record, or why it is none. */
const flatten = (flattener: Flattener, text: string): JsonCells | string => {
  if (text.includes('\ufffd')) return LOST;
  try {
    return flattener.read(text);
  } catch (error) {
    if (error instanceof UnfitRecord) return error.message;
    throw error;
  }
};

/** Longitudes and latitudes are named so only where they can be some. */
const withoutPlaces = ({ onEarth }: Flattener, form: JsonForm): string | undefined => {
  const crs = 'lines' in form ? undefined : form.crs;
  if (crs !== undefined && !/CRS:?84|4326/.test(crs)) return `its coordinates are of another system: ${crs}`;
  return onEarth ? undefined : 'some of its points lie beyond 180 degrees of longitude or 90 of latitude';
};

const columnsOf = (
  found: readonly JsonColumn[],
  kinds: ReadonlyMap<JsonColumn, number>,
  declared: readonly Field[],
): ReadColumn[] => {
  const names = uniqueIdentifiers(
    found.map(({ title }) => title),
    PROVENANCE_FIELDS.map(({ name }) => name),
  );
  const columns = found.map((column, index): ReadColumn => {
    const name = names[index]!;
    const field = declared.find((one) => one.name === name);
    if (field) return { column, field, declared: true };
    const title = column.title.trim();
    const type: ColumnType = typeOfKinds(kinds.get(column) ?? 0);
    return {
      column,
      declared: false,
      field: { name, type, nullable: true, ...(title && title !== name && { title }) },
    };
  });
  for (const field of declared) {
    if (names.includes(field.name)) continue;
    if (!field.nullable)
      throw new UnreadableJson(
        `no record has the declared column ${field.name}; there are ${names.slice(0, 50).join(', ')}`,
      );
    columns.push({ column: undefined, field, declared: true });
  }
  return columns;
};

type Plan = {
  flattener: Flattener;
  types: JsonTypes;
  columns: readonly ReadColumn[];
  fields: readonly Field[];
  processing_date: string;
};

const writeRows = async (
  input: JsonInput,
  form: JsonForm,
  { flattener, types, columns, fields, processing_date }: Plan,
  out: TableSink,
): Promise<{ rows_read: number; quarantined: number }> => {
  const batchRows = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_CELLS / fields.length)));
  const builder = createTableBuilder({ fields, key: [] }, { batchRows, emit: out.rows });
  const count = { rows_read: 0, quarantined: 0 };
  let written = 0;
  const refuse = (line: number, raw: string, reason: string, position?: number): void => {
    count.quarantined++;
    const column = position === undefined ? null : (columns[position]!.column?.title ?? columns[position]!.field.name);
    out.quarantine({ line, column, positions: position === undefined ? [] : [position + 1], raw, reason, rows: 1 });
  };
  await eachRecord(input, form, (text, line) => {
    count.rows_read++;
    const cells = flatten(flattener, text);
    if (typeof cells === 'string') return refuse(line, text, cells);
    const row: Cell[] = [];
    for (const [position, { column, field, declared }] of columns.entries()) {
      const cell = column && cells.get(column);
      const value = cell ? types.valueOf(cell.sort, cell.text, field, declared) : null;
      if (value === undefined)
        return refuse(
          line,
          text,
          `${JSON.stringify(cell!.text.slice(0, 200))} is not of the type ${field.type} of ${field.name}`,
          position,
        );
      if (value === null && !field.nullable)
        return refuse(line, text, `${field.name} has no value, and must have one`, position);
      row.push(value);
    }
    builder.append([...row, line, processing_date]);
    written += text.length;
    if (written < BATCH_TEXT) return;
    builder.end();
    written = 0;
  });
  builder.end();
  return count;
};
