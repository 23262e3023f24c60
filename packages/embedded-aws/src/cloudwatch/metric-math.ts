import { AwsError, NotImplementedHere } from '../aws-error.ts';
import type { MetricSeries } from './metric-statistics.ts';

/** What an expression is of: figures, series, or several series (METRICS(), a list). */
type Value = number | MetricSeries | readonly MetricSeries[];
type Node = (scope: Scope) => Value;
type Scope = {
  /** Series of the question by their ids. */
  series: ReadonlyMap<string, MetricSeries>;
  /** Ids of those that are metrics, not expressions: METRICS(). */
  metrics: readonly string[];
  /** The periods asked about: FILL gives each a value. */
  starts: readonly number[];
};

const invalid = (message: string) => new AwsError('ValidationError', message);

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z]\w*)|("[^"]*"|'[^']*')|(<=|>=|==|!=|&&|\|\||[-+*/^()[\],<>!]))/y;

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw invalid(`Error in expression: unexpected input at '${text.slice(at, at + 20)}'.`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? found[4]!);
  }
  return tokens;
};

const isSeries = (value: Value): value is MetricSeries => value instanceof Map;
const isFigure = (value: Value): value is number => typeof value === 'number';

/** Of series, where each of them has a value; of a list, for each of its series. */
const combine = (values: readonly Value[], by: (...figures: number[]) => number): Value => {
  const list = values.find((value) => Array.isArray(value)) as readonly MetricSeries[] | undefined;
  if (list) {
    return list.map((_, at) =>
      combine(
        values.map((value) => (Array.isArray(value) ? (value as readonly MetricSeries[])[at]! : value)),
        by,
      ),
    ) as MetricSeries[];
  }
  const series = values.filter(isSeries);
  if (series.length === 0) return by(...(values as number[]));
  const result: MetricSeries = new Map();
  for (const start of series[0]!.keys()) {
    const figures = values.map((value) => (isSeries(value) ? value.get(start) : (value as number)));
    if (figures.some((figure) => figure === undefined)) continue;
    const figure = by(...(figures as number[]));
    // A division by nothing has no value.
    if (Number.isFinite(figure)) result.set(start, figure);
  }
  return result;
};

/** Of several series period by period, of those that have a value there; of one series, of all its values. */
const aggregate = (value: Value, by: (figures: readonly number[]) => number): Value => {
  if (isFigure(value)) return value;
  if (isSeries(value)) return by([...value.values()]);
  const result: MetricSeries = new Map();
  const starts = [...new Set(value.flatMap((series) => [...series.keys()]))].sort((a, b) => a - b);
  for (const start of starts) result.set(start, by(value.flatMap((series) => series.get(start) ?? [])));
  return result;
};
const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);

const OPERATORS: Readonly<Record<string, { rank: number; by: (a: number, b: number) => number }>> = {
  '||': { rank: 1, by: (a, b) => Number(a !== 0 || b !== 0) },
  OR: { rank: 1, by: (a, b) => Number(a !== 0 || b !== 0) },
  '&&': { rank: 2, by: (a, b) => Number(a !== 0 && b !== 0) },
  AND: { rank: 2, by: (a, b) => Number(a !== 0 && b !== 0) },
  '<': { rank: 3, by: (a, b) => Number(a < b) },
  '>': { rank: 3, by: (a, b) => Number(a > b) },
  '<=': { rank: 3, by: (a, b) => Number(a <= b) },
  '>=': { rank: 3, by: (a, b) => Number(a >= b) },
  '==': { rank: 3, by: (a, b) => Number(a === b) },
  '!=': { rank: 3, by: (a, b) => Number(a !== b) },
  '+': { rank: 4, by: (a, b) => a + b },
  '-': { rank: 4, by: (a, b) => a - b },
  '*': { rank: 5, by: (a, b) => a * b },
  '/': { rank: 5, by: (a, b) => a / b },
  '^': { rank: 6, by: (a, b) => a ** b },
};

/** Those of CloudWatch's functions that are done here, by how many arguments they take. */
const FUNCTIONS: Readonly<Record<string, { takes: number; of: (args: readonly Value[], scope: Scope) => Value }>> = {
  SUM: { takes: 1, of: ([value]) => aggregate(value!, sum) },
  AVG: { takes: 1, of: ([value]) => aggregate(value!, (figures) => sum(figures) / figures.length) },
  MIN: { takes: 1, of: ([value]) => aggregate(value!, (figures) => Math.min(...figures)) },
  MAX: { takes: 1, of: ([value]) => aggregate(value!, (figures) => Math.max(...figures)) },
  ABS: { takes: 1, of: ([value]) => combine([value!], Math.abs) },
  IF: {
    takes: 3,
    of: ([test, then, otherwise]) => combine([test!, then!, otherwise!], (a, b, c) => (a !== 0 ? b : c)),
  },
  FILL: {
    takes: 2,
    of: ([value, filler], { starts }) => {
      if (!isFigure(filler!)) throw new NotImplementedHere('FILL with anything but a figure');
      const filled = (series: MetricSeries): MetricSeries =>
        new Map(starts.map((start) => [start, series.get(start) ?? filler]));
      if (isFigure(value!)) return value;
      return isSeries(value!) ? filled(value) : value!.map(filled);
    },
  },
};

/** Reads an expression of metric math. Throws what CloudWatch answers for one that is none. */
const parse = (text: string): Node => {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const expect = (token: string) => {
    if (tokens[at++] !== token) throw invalid(`Error in expression '${text}': '${token}' is missing.`);
  };

  const list = (end: string): Node[] => {
    const nodes: Node[] = [];
    while (peek() !== end) {
      nodes.push(expression(0));
      if (peek() === ',') at += 1;
      else break;
    }
    expect(end);
    return nodes;
  };

  const call = (name: string): Node => {
    if (name === 'METRICS') {
      const pattern = /^["']/.test(peek() ?? '') ? tokens[at++]!.slice(1, -1) : '';
      expect(')');
      return ({ series, metrics }) => metrics.filter((id) => id.includes(pattern)).map((id) => series.get(id)!);
    }
    const known = FUNCTIONS[name];
    if (!known) throw new NotImplementedHere(`the function ${name} of metric math`);
    const args = list(')');
    if (args.length !== known.takes) throw invalid(`Error in expression: ${name} takes ${known.takes} arguments.`);
    return (scope) =>
      known.of(
        args.map((node) => node(scope)),
        scope,
      );
  };

  const operand = (): Node => {
    const token = tokens[at++];
    if (token === undefined) throw invalid(`Error in expression '${text}': it ends too early.`);
    if (/^\d/.test(token)) return () => Number(token);
    if (token === '-') {
      const node = operand();
      return (scope) => combine([node(scope)], (figure) => -figure);
    }
    if (token === '(') {
      const node = expression(0);
      expect(')');
      return node;
    }
    if (token === '[') {
      const nodes = list(']');
      return (scope) => nodes.map((node) => node(scope)).filter(isSeries);
    }
    if (!/^[A-Za-z]/.test(token)) throw invalid(`Error in expression '${text}': '${token}' is not expected.`);
    if (peek() === '(') {
      at += 1;
      return call(token.toUpperCase());
    }
    return ({ series }) => {
      const found = series.get(token);
      if (!found) throw invalid(`Error in expression '${text}': the id ${token} is not defined.`);
      return found;
    };
  };

  const expression = (least: number): Node => {
    let left = operand();
    for (;;) {
      const operator = OPERATORS[peek() ?? ''];
      if (!operator || operator.rank <= least) return left;
      at += 1;
      const [before, after] = [left, expression(operator.rank)];
      left = (scope) => combine([before(scope), after(scope)], operator.by);
    }
  };

  const node = expression(0);
  if (at < tokens.length) throw invalid(`Error in expression '${text}': '${peek()}' is not expected.`);
  return node;
};

/** The series that an expression is of; a figure alone is one for every period. */
export const evaluate = (text: string, scope: Scope): MetricSeries => {
  const value = parse(text)(scope);
  if (isFigure(value)) return new Map(scope.starts.map((start) => [start, value]));
  if (isSeries(value)) return value;
  throw invalid(`Error in expression '${text}': it must be one time series.`);
};
