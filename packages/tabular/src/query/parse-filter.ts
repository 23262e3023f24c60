/** Conditions: `column=operator.value`, and the trees of `and=(…)` and `or=(…)`. */
import type { ColumnType, Field } from '../table.ts';
import { parseArrayLiteral } from './array-literal.ts';
import { likeMatcher } from './like.ts';
import { parseValue, SQL_NAME } from './parse-value.ts';
import type { Comparison, Condition, Test } from './query.ts';
import { QueryError, tooMuch, unknownColumn } from './query-error.ts';
import { compileExpression } from './regular-expression.ts';
import { Scanner } from './scanner.ts';

export const DEEPEST = 10;
const MOST_CONDITIONS = 1000;
const MOST_VALUES = 10_000;

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte']);
/** What is for text alone, and PostgreSQL's names of it. */
const OF_TEXT: Readonly<Record<string, string>> = { like: '~~', ilike: '~~*', match: '~', imatch: '~*' };
const QUANTIFIED: ReadonlySet<string> = new Set(['eq', 'gt', 'gte', 'lt', 'lte', ...Object.keys(OF_TEXT)]);
const SUPPORTED: ReadonlySet<string> = new Set([...COMPARISONS, ...Object.keys(OF_TEXT), 'in', 'is', 'isdistinct']);
/** Operators of PostgREST for what these tables do not have: arrays, ranges, search vectors. */
const REFUSED: ReadonlySet<string> = new Set('cs cd ov sl sr nxr nxl adj fts plfts phfts wfts'.split(' '));

/** Whether a value begins with an operator, and so makes its parameter a filter. */
export const beginsWithOperator = (value: string): boolean => {
  const word = /^(?:not\.)?([a-z]+)(?:\([a-z_ ]*\))?\./.exec(value)?.[1];
  return word !== undefined && (SUPPORTED.has(word) || REFUSED.has(word));
};

/** Counts what conditions there are, so that all parameters together stay within bounds. */
export class Budget {
  conditions = 0;

  /** Throws QueryError PGRST100 when there are too many. */
  spend(): void {
    if (++this.conditions > MOST_CONDITIONS) throw tooMuch(`more than ${MOST_CONDITIONS} conditions`);
  }
}

type Context = { fields: ReadonlyMap<string, Field>; budget: Budget };

const fieldOf = (name: string, { fields }: Context): Field => {
  const field = fields.get(name);
  if (!field) throw unknownColumn(name, [...fields.keys()]);
  return field;
};

const typeMismatch = (type: ColumnType, operator: string): QueryError =>
  new QueryError('42883', `operator does not exist: ${SQL_NAME[type]} ${operator} unknown`, {
    hint: 'No operator matches the given name and argument types. like, ilike, match and imatch are for columns of text; cast nothing in filters.',
  });

const scalarTest = (operator: string, text: string, { type }: Field): Test => {
  if (Object.hasOwn(OF_TEXT, operator)) {
    if (type !== 'string') throw typeMismatch(type, OF_TEXT[operator]!);
    if (operator === 'match' || operator === 'imatch')
      return { is: 'match', expression: compileExpression(text, operator === 'imatch') };
    const pattern = text.replaceAll('*', '%');
    // Says what is wrong with the pattern now, not at the first row.
    likeMatcher(pattern, false);
    return { is: operator as 'like' | 'ilike', pattern };
  }
  if (operator === 'isdistinct') return { is: 'distinct', value: parseValue(text, type) };
  return { is: operator as Comparison, value: parseValue(text, type) };
};

const isTest = (scanner: Scanner, field: Field): { test: Test; negated: boolean } => {
  const word = scanner.match(/not_null|null|unknown|true|false/iy)?.toLowerCase();
  if (word === undefined) throw scanner.expected('null', 'not_null', 'trilean value (unknown, true, false)');
  if (word === 'null' || word === 'not_null') return { test: { is: 'null' }, negated: word === 'not_null' };
  if (field.type !== 'boolean')
    throw new QueryError(
      '42804',
      `argument of IS ${word.toUpperCase()} must be type boolean, not type ${SQL_NAME[field.type]}`,
    );
  return { test: { is: word === 'unknown' ? 'null' : (word as 'true' | 'false') }, negated: false };
};

/**
 * Elements of `(a,"b, c",d)`. Blanks count, but those around the brackets; a single empty element that is not quoted is
 * none.
 */
const listOf = (scanner: Scanner): string[] => {
  scanner.blanks();
  scanner.need('(');
  scanner.blanks();
  const values: string[] = [];
  if (scanner.peek() !== ')')
    do {
      if (values.length === MOST_VALUES) throw tooMuch(`more than ${MOST_VALUES} values in a list`);
      values.push(scanner.quotedBefore(',)') ?? scanner.match(/[^,)]*/y) ?? '');
    } while (scanner.took(','));
  scanner.need(')');
  scanner.blanks();
  return values;
};

const operatorOf = (scanner: Scanner): { operator: string; quantifier: 'any' | 'all' | null } => {
  const begin = scanner.at;
  const word = scanner.match(/[a-z]+/y);
  if (word !== undefined && (SUPPORTED.has(word) || REFUSED.has(word))) {
    const modifier = scanner.match(/\([a-z_ ]*\)/y);
    if (scanner.peek() === '.') {
      if (REFUSED.has(word)) {
        scanner.at = begin;
        throw scanner.failed(
          `the operator ${word} is not offered: no column here is an array, a range or a search vector`,
        );
      }
      scanner.at++;
      if (modifier === undefined) return { operator: word, quantifier: null };
      if (QUANTIFIED.has(word) && (modifier === '(any)' || modifier === '(all)'))
        return { operator: word, quantifier: modifier === '(any)' ? 'any' : 'all' };
      scanner.at = begin + word.length;
      throw scanner.failed(`${word}${modifier}: (any) and (all) go with ${[...QUANTIFIED].join(', ')}`);
    }
  }
  scanner.at = begin;
  throw scanner.expected('"not"', 'operator (eq, gt, ...)');
};

const NEVER: Condition = { kind: 'any', of: [] };

/** `operator.value` of a column. `value` reads a value to its end. */
const parseTest = (
  scanner: Scanner,
  field: Field,
  negate: boolean,
  context: Context,
  value: () => string,
): Condition => {
  const begin = scanner.at;
  const not = scanner.took('not.');
  const negated = negate !== not;
  if (not && scanner.ended) scanner.at = begin;
  const { operator, quantifier } = operatorOf(scanner);
  const test = (each: Test, flip = false): Condition => {
    context.budget.spend();
    return { kind: 'test', column: field.name, test: each, negated: negated !== flip };
  };
  if (quantifier) {
    // Of NULL nothing is known, and so neither that it is nor that it is not.
    const of = parseArrayLiteral(value(), MOST_VALUES).map((text) =>
      text === null ? NEVER : test(scalarTest(operator, text, field)),
    );
    return { kind: (quantifier === 'any') !== negated ? 'any' : 'all', of };
  }
  if (operator === 'in') {
    let texts = listOf(scanner);
    context.budget.spend();
    // PostgREST takes `("")` for the empty list. Of texts it is a list that has the empty one.
    if (texts.length === 1 && texts[0] === '' && field.type !== 'string') texts = [];
    // Nothing is in no list, not even what is unknown.
    if (texts.length === 0) return { kind: negated ? 'all' : 'any', of: [] };
    const values = texts.map((text) => parseValue(text, field.type));
    return { kind: 'test', column: field.name, test: { is: 'in', values }, negated };
  }
  if (operator === 'is') {
    const read = isTest(scanner, field);
    return test(read.test, read.negated);
  }
  return test(scalarTest(operator, value(), field));
};

/** A parameter `name=operator.value`, where the name may be in quotes. */
export const parseFilter = (name: string, value: string, context: Context): Condition => {
  const scanner = new Scanner('filter', value);
  // What is wrong with the value is told before what is wrong with the name, as PostgREST does.
  if (!beginsWithOperator(value)) operatorOf(Object.assign(scanner, { at: value.startsWith('not.') ? 4 : 0 }));
  scanner.at = 0;
  const field = fieldOf(nameOf(name), context);
  const condition = parseTest(scanner, field, false, context, () => {
    const text = value.slice(scanner.at);
    scanner.at = value.length;
    return text;
  });
  scanner.end();
  return condition;
};

const nameOf = (parameter: string): string => {
  if (!parameter.startsWith('"')) {
    const dot = parameter.indexOf('.');
    if (dot === -1) return parameter;
    const resource = parameter.slice(0, dot);
    throw new QueryError(
      'PGRST108',
      `Cannot apply filter because '${resource.slice(0, 100)}' is not an embedded resource in this request`,
      { hint: 'A dataset is one table: nothing can be embedded in it.' },
    );
  }
  const scanner = new Scanner('tree path', parameter);
  const name = scanner.quoted();
  scanner.end();
  return name;
};

const treeOf = (scanner: Scanner, negate: boolean, depth: number, context: Context): Condition => {
  scanner.blanks();
  const begin = scanner.at;
  const not = scanner.took('not.');
  const word = scanner.match(/(?:and|or)(?=\s*\()/y);
  if (word !== undefined) {
    if (depth > DEEPEST) throw tooMuch(`and, or nested more than ${DEEPEST} deep`);
    scanner.blanks();
    scanner.need('(');
    const of: Condition[] = [];
    const negated = negate !== not;
    do of.push(treeOf(scanner, negated, depth + 1, context));
    while (scanner.took(','));
    scanner.need(')');
    scanner.blanks();
    return { kind: (word === 'and') !== negated ? 'all' : 'any', of };
  }
  // A column may be called so; nothing else is negated by a word before it.
  if (not && !context.fields.has('not')) throw scanner.expected('logic operator (and, or)');
  scanner.at = begin;
  if (!/["\p{L}\p{N}_$]/u.test(scanner.peek()))
    throw scanner.expected('field name (* or [a..z0..9_$])', 'negation operator (not)', 'logic operator (and, or)');
  const name = scanner.name();
  if (scanner.peek() !== '.') throw scanner.expected('"("', 'delimiter (.)');
  scanner.at++;
  const condition = parseTest(scanner, fieldOf(name, context), negate, context, () => {
    const array = /\{[^{}]*\}/y;
    return scanner.quotedBefore(',)') ?? scanner.match(array) ?? scanner.match(/[^,)]*/y) ?? '';
  });
  scanner.blanks();
  return condition;
};

/** A parameter `and`, `or`, `not.and` or `not.or` and its `(…)`. */
export const parseTree = (name: string, value: string, context: Context): Condition => {
  const scanner = new Scanner('logic tree', name + value, value);
  scanner.blanks();
  const condition = treeOf(scanner, false, 1, context);
  scanner.end();
  return condition;
};
