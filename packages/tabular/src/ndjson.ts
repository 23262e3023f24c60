/** Columnar batches as JSON text. Integers beyond 2^53 are strings, since most readers of JSON would round them. */
import { cellAt } from './cells.ts';
import type { Batch, Cell, Schema } from './table.ts';

const json = (cell: Cell): string => {
  if (typeof cell !== 'bigint') return JSON.stringify(cell);
  const safe = cell <= Number.MAX_SAFE_INTEGER && cell >= Number.MIN_SAFE_INTEGER;
  return safe ? String(cell) : `"${cell}"`;
};

/** Each row as a JSON object, its keys in the order of the schema (which JSON.stringify would not keep for `1970`). */
export function* jsonRows(schema: Schema, batch: Batch): Generator<string> {
  const names = schema.fields.map((field) => JSON.stringify(field.name));
  for (let row = 0; row < batch.rows; row++) {
    yield `{${names.map((name, index) => `${name}:${json(cellAt(batch.columns[index], row))}`).join(',')}}`;
  }
}

/** A batch as newline-delimited JSON, each line ended. */
export const encodeNdjson = (schema: Schema, batch: Batch): string => {
  let text = '';
  for (const row of jsonRows(schema, batch)) text += `${row}\n`;
  return text;
};

/** Writes a JSON array of objects piece by piece. */
export const createJsonWriter = (
  schema: Schema,
  write: (text: string) => void,
): { write(batch: Batch): void; end(): void } => {
  let begun = false;
  return {
    write(batch) {
      let text = '';
      for (const row of jsonRows(schema, batch)) {
        text += `${begun ? ',\n' : '[\n'}${row}`;
        begun = true;
      }
      write(text);
    },
    end: () => write(begun ? '\n]\n' : '[]\n'),
  };
};
