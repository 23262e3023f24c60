/** Batches to JSON as PostgREST writes it, NDJSON and CSV. Each distinct string of a batch is encoded once. */
import { cellAt } from '../cells.ts';
import { guardFormula } from '../csv/guard-formula.ts';
import type { Batch, Column } from '../table.ts';
import type { ResultField } from './query.ts';

/** Text of a row's value. */
type Write = (row: number) => string;

const byCode = (column: Column & { type: 'string' }, encode: (text: string) => string): Write => {
  const known: string[] = [];
  const { codes, dictionary } = column;
  return (row) => {
    const code = codes[row];
    known[code] ??= encode(dictionary.get(code));
    return known[code];
  };
};

const withNulls = ({ valid }: Column, write: Write, ofNull: string): Write =>
  valid ? (row) => (valid[row] === 0 ? ofNull : write(row)) : write;

const jsonWriter = (column: Column, field: ResultField): Write => {
  const plain = (): Write => {
    switch (column.type) {
      case 'string':
        return byCode(column, field.json ? (text) => text : (text) => JSON.stringify(text));
      case 'boolean':
        return (row) => (column.values[row] !== 0 ? 'true' : 'false');
      case 'double':
        return (row) => {
          const value = column.values[row];
          return Number.isFinite(value) ? String(value) : `"${value}"`;
        };
      case 'int32':
      case 'int64':
        return (row) => String(column.values[row]);
      default:
        return (row) => `"${cellAt(column, row)}"`;
    }
  };
  return withNulls(column, plain(), 'null');
};

/**
 * Writers of the columns; a column that is there a thousand times has one, and its strings are encoded and kept once.
 */
const writersOf = (
  columns: readonly Column[],
  fields: readonly ResultField[],
  writer: (column: Column, field: ResultField) => Write,
): Write[] => {
  const known = new Map<Column, Map<true | undefined, Write>>();
  return columns.map((column, index) => {
    const field = fields[index];
    const ofColumn = known.get(column) ?? new Map<true | undefined, Write>();
    const write = ofColumn.get(field.json) ?? writer(column, field);
    known.set(column, ofColumn.set(field.json, write));
    return write;
  });
};

/**
 * A row as a JSON object, keys in the order of the fields; a name that is there twice is written twice, as PostgREST
 * does.
 */
const objectWriter = (fields: readonly ResultField[], columns: readonly Column[]): Write => {
  const writers = writersOf(columns, fields, jsonWriter);
  const keys = fields.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return (row) => {
    let text = '';
    for (let i = 0; i < writers.length; i++) text += keys[i] + writers[i](row);
    return writers.length === 0 ? '{}' : `${text}}`;
  };
};

/** The same without what is null. */
const strippedWriter = (fields: readonly ResultField[], columns: readonly Column[]): Write => {
  const writers = writersOf(columns, fields, jsonWriter);
  const keys = fields.map(({ name }) => `${JSON.stringify(name)}:`);
  return (row) => {
    let text = '';
    for (let i = 0; i < writers.length; i++)
      if (columns[i].valid?.[row] !== 0) text += `${text === '' ? '' : ','}${keys[i]}${writers[i](row)}`;
    return `{${text}}`;
  };
};

/** Characters that are gathered before they are given out. */
const CHUNK = 64 * 1024;

async function* encoded(
  batches: AsyncIterable<Batch>,
  writer: (columns: readonly Column[]) => Write,
  around: { before: string; between: string; after: string },
): AsyncGenerator<Uint8Array> {
  let text = around.before;
  let first = true;
  for await (const { rows, columns } of batches) {
    const write = writer(columns);
    for (let row = 0; row < rows; row++) {
      text += first ? write(row) : around.between + write(row);
      first = false;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = '';
    }
  }
  text += first ? '' : around.after;
  if (around.before === '[') text += ']';
  if (text !== '') yield Buffer.from(text);
}

/**
 * A JSON array of objects, in PostgREST's layout. Integers and sums of any size are exact, doubles the shortest that
 * read back equal. `stripped`: rows have no nulls.
 */
export const jsonOf = (
  fields: readonly ResultField[],
  batches: AsyncIterable<Batch>,
  { stripped = false }: { stripped?: boolean } = {},
): AsyncIterable<Uint8Array> => {
  const writer = stripped ? strippedWriter : objectWriter;
  return encoded(batches, (columns) => writer(fields, columns), { before: '[', between: ', \n ', after: '' });
};

/** One JSON object a line; nothing when there are no rows. */
export const ndjsonOf = (fields: readonly ResultField[], batches: AsyncIterable<Batch>): AsyncIterable<Uint8Array> =>
  encoded(batches, (columns) => objectWriter(fields, columns), { before: '', between: '\n', after: '\n' });

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * CSV by RFC 4180 with a header: a null is nothing, the empty string `""`. `guard`: a text that a spreadsheet would
 * take for a formula gets an apostrophe in front; figures never do.
 */
export const csvOf = (
  fields: readonly ResultField[],
  batches: AsyncIterable<Batch>,
  { guard }: { guard: boolean },
): AsyncIterable<Uint8Array> => {
  const text = (value: string): string => quoted(guard ? guardFormula(value) : value);
  const cellWriter = (column: Column, field: ResultField): Write => {
    const write: Write =
      column.type === 'string'
        ? byCode(column, field.json ? quoted : text)
        : column.type === 'boolean'
          ? (row) => (column.values[row] !== 0 ? 'true' : 'false')
          : (row) => String(cellAt(column, row));
    return withNulls(column, write, '');
  };
  const lineWriter = (columns: readonly Column[]): Write => {
    const writers = writersOf(columns, fields, cellWriter);
    return (row) => {
      let line = writers.length === 0 ? '' : writers[0](row);
      for (let i = 1; i < writers.length; i++) line += `,${writers[i](row)}`;
      return line;
    };
  };
  const header = `${fields.map(({ name }) => text(name)).join(',')}\r\n`;
  return encoded(batches, lineWriter, { before: header, between: '\r\n', after: '\r\n' });
};

/**
 * A JSON array of arrays of texts: the header, then the cells of each row as {@link csvOf} writes them. A null is the
 * empty text, as it is for who reads the CSV.
 */
export async function* arraysOf(
  fields: readonly ResultField[],
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Uint8Array> {
  const cellWriter = (column: Column): Write => {
    if (column.type === 'string')
      return withNulls(
        column,
        byCode(column, (text) => JSON.stringify(text)),
        '""',
      );
    const isTrue = column.type === 'boolean' && column.values;
    const write: Write = isTrue ? (row) => `"${isTrue[row] !== 0}"` : (row) => `"${cellAt(column, row)}"`;
    return withNulls(column, write, '""');
  };
  const rowWriter = (columns: readonly Column[]): Write => {
    const writers = writersOf(columns, fields, cellWriter);
    return (row) => {
      let text = ',\n[';
      for (let i = 0; i < writers.length; i++) text += (i === 0 ? '' : ',') + writers[i](row);
      return `${text}]`;
    };
  };
  yield Buffer.from(`[${JSON.stringify(fields.map(({ name }) => name))}`);
  yield* encoded(batches, rowWriter, { before: '', between: '', after: '' });
  yield Buffer.from(']');
}
