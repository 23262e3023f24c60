import { InvalidRequest } from '@granary/domain/errors';
import type { QueryEngine, QueryPage } from '@granary/domain/ports/query-engine';
import { cellWriter } from './result-cells.ts';

/** Lambda takes answers of 6 MB, and bytes travel as base64: 4 MiB are 5.6 MB then. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_ROWS = 1000;

/** Where a page begins: `skip` rows behind where the engine's begins, which is cut when it is too big to be sent. */
export type ResultPlace = { from: string | null; skip: number };

export const isPlace = (place: unknown): place is ResultPlace => {
  if (typeof place !== 'object' || place === null) return false;
  const { from, skip } = place as ResultPlace;
  return (from === null || typeof from === 'string') && Number.isInteger(skip) && skip >= 0 && skip < MOST_ROWS;
};

export const FIRST_PLACE: ResultPlace = { from: null, skip: 0 };

export type ResultPage = { columns: QueryPage['columns']; items: readonly string[]; next: ResultPlace | null };

/**
 * Rows of a result as JSON objects: at most `limit`, and fewer where more would be too big to be sent. Throws
 * InvalidRequest.
 */
export const readResultPage = async (
  engine: Pick<QueryEngine, 'page'>,
  id: string,
  { from, skip }: ResultPlace,
  limit: number,
): Promise<ResultPage> => {
  const page = await engine.page(id, {
    limit: Math.min(skip + limit, MOST_ROWS),
    ...(from !== null && { from }),
  });
  const write = objectWriter(page.columns, id);
  const items: string[] = [];
  let bytes = 0;
  let row = skip;
  for (; row < Math.min(skip + limit, page.rows.length); row++) {
    const text = write(page.rows[row]);
    bytes += Buffer.byteLength(text) + 2;
    if (bytes > MOST_BYTES) break;
    items.push(text);
  }
  if (items.length === 0 && row < page.rows.length)
    throw refused('A row of the result is too big to be sent', 'Take fewer columns, or the whole of it', id);
  if (row < page.rows.length) return { columns: page.columns, items, next: { from, skip: row } };
  return { columns: page.columns, items, next: page.next === null ? null : { from: page.next, skip: 0 } };
};

const objectWriter = (columns: QueryPage['columns'], id: string): ((row: QueryPage['rows'][number]) => string) => {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw refused(
      `Two columns of the result are called '${twice.slice(0, 128)}'`,
      'Name one of them otherwise with AS, or take the result as it is',
      id,
    );
  const keys = names.map((name, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
  const writers = columns.map(({ type }) => cellWriter(type));
  return (row) => {
    let text = '{';
    for (let i = 0; i < keys.length; i++) {
      const cell = row[i];
      text += keys[i] + (cell === null ? 'null' : writers[i](cell));
    }
    return `${text}}`;
  };
};

const refused = (what: string, way_out: string, id: string): InvalidRequest => {
  const message = `${what}. ${way_out} as CSV: /v1/query/${id}?format=csv.`;
  return InvalidRequest.of('sql', message);
};
