import { AwsError, NotImplementedHere } from '../aws-error.ts';

/** An event of a log as a query sees it: its fields by their names, those within others with dots between. */
export type InsightsEvent = { timestamp: number; message: string };
type Value = string | number;
type Row = Map<string, Value>;

const malformed = (message: string) => new AwsError('MalformedQueryException', message);

/** As Logs Insights discovers fields of JSON: true is 1, false 0. */
const addFields = (row: Row, prefix: string, value: unknown): void => {
  if (typeof value === 'string' || typeof value === 'number') row.set(prefix, value);
  else if (typeof value === 'boolean') row.set(prefix, value ? 1 : 0);
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) addFields(row, prefix ? `${prefix}.${name}` : name, member);
};
const iso = (at: number) => new Date(at).toISOString().replace('T', ' ').slice(0, 23);
const rowOf = ({ timestamp, message }: InsightsEvent): Row => {
  const row: Row = new Map<string, Value>([
    ['@timestamp', iso(timestamp)],
    ['@message', message],
  ]);
  try {
    if (message.startsWith('{')) addFields(row, '', JSON.parse(message));
  } catch {
    // A line that is no JSON has no fields but these.
  }
  return row;
};

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\/(?:[^/\\]|\\.)+\/)|(-?\d+(?:\.\d+)?)|([@A-Za-z_][\w.@]*)|(<=|>=|!=|[=<>(),*[\]]))/y;
type Token = { text?: string; pattern?: RegExp; figure?: number; word?: string; mark?: string };
const tokensOf = (step: string): Token[] => {
  const tokens: Token[] = [];
  const end = step.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(step);
    if (!found) throw malformed(`unexpected symbol found '${step.slice(at, at + 20).trim()}'`);
    const [, text, pattern, figure, word, mark] = found;
    if (text !== undefined) tokens.push({ text: text.slice(1, -1).replace(/\\(.)/g, '$1') });
    else if (pattern !== undefined) tokens.push({ pattern: new RegExp(pattern.slice(1, -1)) });
    else if (figure !== undefined) tokens.push({ figure: Number(figure) });
    else tokens.push(word === undefined ? { mark } : { word });
  }
  return tokens;
};

/** Reads the tokens of a step from its beginning. */
const reader = (tokens: readonly Token[]) => {
  let at = 0;
  const peek = (): Token => tokens[at] ?? {};
  const takes = (what: string): boolean => {
    const { word, mark } = peek();
    const found = mark === what || word?.toLowerCase() === what;
    if (found) at += 1;
    return found;
  };
  return {
    peek,
    takes,
    next: (): Token => tokens[at++] ?? {},
    expect(what: string): void {
      if (!takes(what)) throw malformed(`'${what}' is missing`);
    },
    name(): string {
      const { word } = tokens[at++] ?? {};
      if (word === undefined) throw malformed('the name of a field is missing');
      return word;
    },
    ended: () => at >= tokens.length,
  };
};
type Reader = ReturnType<typeof reader>;
type Test = (row: Row) => boolean;

const compare = (a: Value, b: Value): number => {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
};
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const literal = (read: Reader): Value => {
  const { text, figure } = read.next();
  const value = text ?? figure;
  if (value === undefined) throw malformed('a value is missing');
  return value;
};

const condition = (read: Reader): Test => {
  if (read.takes('not')) {
    const test = condition(read);
    return (row) => !test(row);
  }
  if (read.takes('(')) {
    const test = either(read);
    read.expect(')');
    return test;
  }
  const name = read.name();
  if (name === 'ispresent') {
    read.expect('(');
    const field = read.name();
    read.expect(')');
    return (row) => row.has(field);
  }
  if (read.takes('in')) {
    read.expect('[');
    const values: Value[] = [];
    do values.push(literal(read));
    while (read.takes(','));
    read.expect(']');
    return (row) => values.some((value) => row.has(name) && compare(row.get(name)!, value) === 0);
  }
  if (read.takes('like')) {
    const { text, pattern } = read.next();
    if (text === undefined && pattern === undefined) throw malformed('like takes a text or a pattern');
    return (row) => (pattern ? pattern.test(String(row.get(name) ?? '')) : String(row.get(name) ?? '').includes(text!));
  }
  const { mark = '' } = read.next();
  const holds = COMPARISONS[mark];
  if (!holds) throw malformed(`a comparison is missing behind ${name}`);
  const value = literal(read);
  return (row) => row.has(name) && holds(compare(row.get(name)!, value));
};
const both = (read: Reader): Test => {
  let left = condition(read);
  while (read.takes('and')) {
    const [before, after] = [left, condition(read)];
    left = (row) => before(row) && after(row);
  }
  return left;
};
const either = (read: Reader): Test => {
  let left = both(read);
  while (read.takes('or')) {
    const [before, after] = [left, both(read)];
    left = (row) => before(row) || after(row);
  }
  return left;
};

type Aggregate = (rows: readonly Row[]) => Value | undefined;
const figures = (rows: readonly Row[], field: string): number[] =>
  rows.flatMap((row) => (row.has(field) && !Number.isNaN(Number(row.get(field))) ? [Number(row.get(field))] : []));
const rank = (sorted: readonly number[], percent: number) =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
/** Rows come in the order of their times. */
const AGGREGATES: Readonly<Record<string, (field: string, figure: number) => Aggregate>> = {
  count: (field) => (rows) => (field === '*' ? rows.length : rows.filter((row) => row.has(field)).length),
  count_distinct: (field) => (rows) => new Set(rows.flatMap((row) => row.get(field) ?? [])).size,
  sum: (field) => (rows) => figures(rows, field).reduce((sum, one) => sum + one, 0),
  avg: (field) => (rows) => {
    const values = figures(rows, field);
    return values.length > 0 ? values.reduce((sum, one) => sum + one, 0) / values.length : undefined;
  },
  min: (field) => (rows) => figures(rows, field).sort((a, b) => a - b)[0],
  max: (field) => (rows) => figures(rows, field).sort((a, b) => b - a)[0],
  pct: (field, percent) => (rows) =>
    rank(
      figures(rows, field).sort((a, b) => a - b),
      percent,
    ),
  latest: (field) => (rows) => rows.findLast((row) => row.has(field))?.get(field),
  earliest: (field) => (rows) => rows.find((row) => row.has(field))?.get(field),
};

const aggregate = (read: Reader): { name: string; of: Aggregate } => {
  const fn = read.name();
  const make = AGGREGATES[fn];
  if (!make) throw new NotImplementedHere(`the function ${fn} of Logs Insights`);
  read.expect('(');
  const field = read.takes('*') ? '*' : read.takes(')') ? '*' : read.name();
  const figure = read.takes(',') ? Number(literal(read)) : Number.NaN;
  read.takes(')');
  const shown = Number.isNaN(figure) ? field : `${field},${figure}`;
  return { name: read.takes('as') ? read.name() : `${fn}(${shown})`, of: make(field, figure) };
};

type Step = (rows: readonly Row[]) => readonly Row[];
type Shown = { columns?: readonly string[] };

const STEPS: Readonly<Record<string, (read: Reader, shown: Shown) => Step>> = {
  filter: (read) => {
    const test = either(read);
    return (rows) => rows.filter(test);
  },
  fields: (read, shown) => {
    const names: string[] = [];
    do names.push(read.name());
    while (read.takes(','));
    shown.columns = names;
    return (rows) => rows;
  },
  stats: (read, shown) => {
    const aggregates: ReturnType<typeof aggregate>[] = [];
    do aggregates.push(aggregate(read));
    while (read.takes(','));
    const by: string[] = [];
    if (read.takes('by')) {
      do by.push(read.name());
      while (read.takes(','));
    }
    shown.columns = [...by, ...aggregates.map(({ name }) => name)];
    return (rows) => {
      // What lacks a field is a group too, without a value of it.
      const groups = Map.groupBy(rows, (row) => JSON.stringify(by.map((name) => row.get(name) ?? null)));
      return [...groups].map(([key, some]) => {
        const values = (JSON.parse(key) as (Value | null)[]).map((value, at) => [by[at]!, value] as const);
        const row: Row = new Map(values.filter((one): one is [string, Value] => one[1] !== null));
        for (const { name, of } of aggregates) {
          const value = of(some);
          if (value !== undefined) row.set(name, value);
        }
        return row;
      });
    };
  },
  sort: (read) => {
    const name = read.name();
    const sign = read.takes('desc') ? -1 : read.takes('asc') ? 1 : 1;
    // What lacks the field comes last.
    return (rows) =>
      [...rows].sort((a, b) => {
        const [x, y] = [a.get(name), b.get(name)];
        if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
        return sign * compare(x, y);
      });
  },
  limit: (read) => {
    const count = Number(literal(read));
    return (rows) => rows.slice(0, count);
  },
};
const MOST_ROWS = 10_000;

/**
 * A query of Logs Insights: `filter`, `fields`, `stats … by`, `sort`, `limit`. Throws MalformedQueryException for one
 * that cannot be read, and NotImplementedHere for what is not done here.
 */
export const readInsights = (query: string) => {
  const shown: Shown = {};
  const steps = query
    .split('\n')
    .map((line) => line.replace(/^\s*#.*$/, ''))
    .join(' ')
    // No step of ours has `|` in a text.
    .split('|')
    .map((step) => step.trim())
    .filter((step) => step !== '')
    .map((step): Step => {
      const read = reader(tokensOf(step));
      const command = read.name();
      const make = STEPS[command];
      if (!make) throw new NotImplementedHere(`the command ${command} of Logs Insights`);
      const made = make(read, shown);
      if (!read.ended()) throw malformed(`unexpected end of ${command}`);
      return made;
    });
  if (steps.length === 0) throw malformed('the query is empty');
  return (events: readonly InsightsEvent[]): { field: string; value: string }[][] => {
    const ordered = [...events].sort((a, b) => a.timestamp - b.timestamp).map(rowOf);
    const rows = steps.reduce<readonly Row[]>((some, step) => step(some), ordered).slice(0, MOST_ROWS);
    const columns = shown.columns ?? ['@timestamp', '@message'];
    return rows.map((row) =>
      columns.flatMap((field) => (row.has(field) ? [{ field, value: String(row.get(field)) }] : [])),
    );
  };
};
