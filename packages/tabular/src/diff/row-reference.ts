/**
 * A row by a text that people can write and links can carry: `country:Chile,year:2020`, `line:12`, or `17` for the
 * seventeenth row of the table. A value that has a comma or a quote in it, or would read as something else, stands in
 * double quotes, in which quotes are doubled.
 */
import type { Cell, Field } from '../table.ts';

/** The text is no reference to a row; the message says what is wrong. */
export class UnreadableReference extends Error {
  override readonly name = 'UnreadableReference';
}

export type RowReference = { number: number } | { cells: readonly { column: number; value: Cell }[] };

const written = (cell: Cell): string => {
  const text = String(cell);
  if (typeof cell !== 'string') return text;
  return text === 'null' || text !== text.trim() || /^$|[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The reference of a row by its declared key; by its number in the table when there is none. */
export const writeReference = (key: readonly string[], cell: (name: string) => Cell, number: number): string =>
  key.length === 0 ? String(number) : key.map((name) => `${name}:${written(cell(name))}`).join(',');

const typed = (text: string, quoted: boolean, { name, type }: Field): Cell => {
  if (!quoted && text === 'null') return null;
  const wrong = new UnreadableReference(`'${text.slice(0, 100)}' is no value of ${name}, which is of type ${type}`);
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw wrong;
    return text === 'true';
  }
  if (type === 'int64') {
    if (!/^-?\d{1,19}$/.test(text)) throw wrong;
    return BigInt(text);
  }
  if (type === 'int32' || type === 'double') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw wrong;
    return value;
  }
  return text;
};

/** Throws {@link UnreadableReference}. */
export const readReference = (text: string, fields: readonly Field[]): RowReference => {
  if (/^\d{1,9}$/.test(text)) {
    if (Number(text) === 0) throw new UnreadableReference('rows are counted from 1');
    return { number: Number(text) };
  }
  const cells: { column: number; value: Cell }[] = [];
  const part = /([a-z0-9_]+):(?:"((?:[^"]|"")*)"|([^,"]*))(?:,|$)/y;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) throw new UnreadableReference('a row is named as column:value,column:value, or by its number');
    const column = fields.findIndex(({ name }) => name === found[1]);
    if (column === -1) {
      const known = fields.map(({ name }) => name).join(', ');
      throw new UnreadableReference(`there is no column ${found[1].slice(0, 100)}; the columns are ${known}`);
    }
    const quoted = found[2] !== undefined;
    const value = typed(quoted ? found[2].replaceAll('""', '"') : found[3].trim(), quoted, fields[column]);
    cells.push({ column, value });
  }
  if (cells.length === 0 || text.endsWith(','))
    throw new UnreadableReference('a row is named as column:value,column:value');
  return { cells };
};
