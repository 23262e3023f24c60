/**
 * What came back, in a form in which two servers can be compared: what is written otherwise and means the same is made
 * the same.
 */
import { parse } from 'csv-parse/sync';
import { type Asking, addressOf } from './asking.ts';

export type Outcome = {
  status: number;
  /** `Content-Type`, `Content-Range`, `Preference-Applied`; empty where there is none. */
  type: string;
  range: string;
  applied: string;
  /** Of an error. */
  code: string;
  message: string;
  /** Rows, each as text; empty for an error. */
  rows: readonly string[];
};

const INSTANT = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00(?::00)?)(?!\d)/g;

/** Any text of an instant in UTC as `2024-02-29T12:00:00.120Z`. */
const instants = (text: string): string =>
  text.replaceAll(INSTANT, (_, day, time, fraction = '') => `${day}T${time}.${fraction.padEnd(3, '0')}Z`);

/** A text in JSON, without the blanks between its tokens. */
const canonical = (json: string): string =>
  instants(json).replaceAll(/"(?:[^"\\]|\\.)*"|\s+/g, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  );

const jsonRows = (body: string): string[] => {
  const text = body.trim();
  if (!text.startsWith('[')) return [canonical(text)];
  // No text of the sample has what stands between two rows.
  return canonical(text)
    .slice(1, -1)
    .split(/(?<=\}),(?=\{)/)
    .filter((row) => row !== '');
};

const CELLS: Readonly<Record<string, string>> = { true: 't', false: 'f' };
/** PostgREST's CSV is the text of PostgreSQL's rows: `t` and `f`, and backslashes twice. */
const csvRows = (body: string, ours: boolean): string[] => {
  const records: string[][] = parse(body, { relax_column_count: true, skip_empty_lines: false });
  // A row of one null is a line without anything, which nobody can tell from the end of the file.
  while (records.at(-1)?.join('') === '') records.pop();
  const plain = (cell: string): string => instants(ours ? cell : cell.replaceAll('\\\\', '\\'));
  return records.map((cells) => JSON.stringify(cells.map((cell) => CELLS[cell] ?? plain(cell))));
};

/** Doubles and averages, written out or with an exponent; in CSV and casts to text they stand in quotes. */
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Rows that may come in any order, by their texts with all figures written alike. */
const inOneOrder = (rows: readonly string[]): string[] => {
  const keyOf = (row: string): string => row.replaceAll(NUMBER, (figure) => Number(figure).toPrecision(9));
  const keyed = rows.map((row): [string, string] => [keyOf(row), row]);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
};

/** Asks one of the two. Ours guards the texts of a CSV against spreadsheets unless it is told not to. */
export const ask = async (root: string, given: Asking, ours = false): Promise<Outcome> => {
  const asking =
    ours && /csv/.test(given.headers.accept ?? '')
      ? { ...given, query: [...given.query, ['guard', 'off'] as const] }
      : given;
  const answer = await fetch(root + addressOf(asking), { method: asking.method, headers: asking.headers });
  const said = (name: string): string => answer.headers.get(name) ?? '';
  const body = await answer.text();
  const { status } = answer;
  const type = said('content-type');
  const outcome = {
    status,
    type,
    range: said('content-range'),
    applied: said('preference-applied'),
    code: '',
    message: '',
  };
  if (status >= 400) {
    const { code = '', message = '' } = body === '' ? {} : JSON.parse(body);
    // Both say it in JSON; ours is problem+json.
    return { ...outcome, type: '', code, message, rows: [] };
  }
  const rows = body === '' ? [] : type.startsWith('text/csv') ? csvRows(body, ours) : jsonRows(body);
  return { ...outcome, rows: asking.anyOrder ? inOneOrder(rows) : rows };
};

export type Aspect = keyof Outcome;
const ASPECTS: readonly Aspect[] = ['status', 'type', 'range', 'applied', 'code', 'message', 'rows'];

/**
 * Integers are equal or they are not; of two figures of which one is none, the last digits depend on the order of the
 * sum. `nearly`: so of integers too, such as averages.
 */
const sameFigures = (theirs: string, ours: string, nearly: boolean): boolean => {
  if (theirs === ours) return true;
  if (!nearly && /^-?\d+$/.test(theirs) && /^-?\d+$/.test(ours)) return false;
  const [a, b] = [Number(theirs), Number(ours)];
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
};

const sameRow = (theirs: string, ours: string, nearly: boolean): boolean => {
  if (theirs === ours) return true;
  if (theirs.replaceAll(NUMBER, '0') !== ours.replaceAll(NUMBER, '0')) return false;
  const figures = ours.match(NUMBER) ?? [];
  return (theirs.match(NUMBER) ?? []).every((figure, index) => sameFigures(figure, figures[index]!, nearly));
};

const same = (theirs: Outcome, ours: Outcome, aspect: Aspect, nearly: boolean): boolean =>
  aspect !== 'rows'
    ? theirs[aspect] === ours[aspect]
    : theirs.rows.length === ours.rows.length &&
      theirs.rows.every((row, index) => sameRow(row, ours.rows[index]!, nearly));

/** In what the two differ. */
export const differing = (theirs: Outcome, ours: Outcome, nearly = false): Aspect[] =>
  ASPECTS.filter((aspect) => !same(theirs, ours, aspect, nearly));
