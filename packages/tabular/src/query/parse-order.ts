/** `order=column.desc.nullslast,…`. */
import type { Field } from '../table.ts';
import type { OrderTerm, Output } from './query.ts';
import { QueryError, tooMuch, unknownColumn } from './query-error.ts';
import { Scanner } from './scanner.ts';

const MOST_TERMS = 100;

/**
 * Terms of `order`. A name is that of a column, as in PostgREST; where there is none, or where rows are grouped and not
 * by it, that of an item of `select`, which PostgREST does not offer. Throws QueryError.
 */
export const parseOrder = (
  text: string,
  fields: readonly Field[],
  select: readonly Output[],
  grouped: boolean,
): OrderTerm[] => {
  const scanner = new Scanner('order', text);
  const known = new Map(fields.map((field) => [field.name, field]));
  const byName = new Map<string, number>();
  const byColumn = new Map<string, number>();
  for (const [index, { column, cast, aggregate, field }] of select.entries()) {
    if (!byName.has(field.name)) byName.set(field.name, index);
    if (column !== null && !aggregate && !cast && !byColumn.has(column)) byColumn.set(column, index);
  }
  const byOf = (name: string): OrderTerm['by'] => {
    const output = byName.get(name);
    if (!grouped && known.has(name)) return { column: name };
    const groupedBy = grouped ? byColumn.get(name) : undefined;
    if (groupedBy !== undefined) return { output: groupedBy };
    if (output !== undefined) return { output };
    if (known.has(name))
      throw new QueryError(
        '42803',
        `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
        { hint: 'Rows are grouped by what select names without an aggregate.' },
      );
    throw unknownColumn(name, [...new Set([...known.keys(), ...byName.keys()])]);
  };
  const terms: OrderTerm[] = [];
  do {
    if (terms.length === MOST_TERMS) throw tooMuch(`order by more than ${MOST_TERMS} columns`);
    scanner.blanks();
    const name = scanner.name();
    const word = (pattern: RegExp): string | undefined => scanner.match(pattern)?.slice(1);
    const direction = word(/\.(asc|desc)(?![a-z])/y);
    const nulls = word(/\.nulls(first|last)(?![a-z])/y);
    scanner.blanks();
    if (!scanner.ended && scanner.peek() !== ',') {
      const words = ['"nullsfirst"', '"nullslast"', '","', 'end of input'];
      throw scanner.expected(...(direction ? [] : ['"asc"', '"desc"']), ...words);
    }
    const descending = direction === 'desc';
    terms.push({ by: byOf(name), descending, nullsFirst: nulls ? nulls === 'nullsfirst' : descending });
  } while (scanner.took(','));
  scanner.end();
  return terms;
};
