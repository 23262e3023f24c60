import type { InvalidRequest } from '@granary/domain/errors';
import type { ParserRuleContext, Token } from 'antlr4ng';
import { refused } from '../refused-sql.ts';
import type { Relation, Scope } from './scope.ts';
import { BOOLEAN, fits, shownType, type Type } from './sql-types.ts';

/** What the parts of the analysis ask each other. */
export type Analysis = {
  /** Type of an expression. Throws InvalidRequest where Trino refuses it. */
  typeOf(node: ParserRuleContext, scope: Scope): Type;
  /** What a query gives; `scope` is that of the place where it stands. */
  query(node: ParserRuleContext, scope: Scope): Relation;
};

/** Of one kind of node. */
export type Handler = (node: never, scope: Scope, analysis: Analysis) => Type;
/** By the class of the node: its name is another one in a bundle. */
export type Handlers = readonly (readonly [abstract new (...given: never[]) => ParserRuleContext, Handler])[];

/** A refusal in Trino's words: its name of the error, the place, what is wrong, and the way out. */
export const mismatch = (
  place: ParserRuleContext | Token | null,
  message: string,
  { code = 'TYPE_MISMATCH', wayOut = '' } = {},
): InvalidRequest => {
  const token = place && 'start' in place && typeof place.start === 'object' ? place.start : (place as Token | null);
  const { line, column } = token ?? { line: 1, column: 0 };
  return refused(`${code}: line ${line}:${column + 1}: ${message}${wayOut === '' ? '' : `. ${wayOut}`}`);
};

export const CAST_ONE = 'Cast one of the two, as in CAST(x AS varchar)';

/** Throws unless a condition is a boolean; `say` is given the type that it is. */
export const wantBoolean = (node: ParserRuleContext, found: Type, say: (found: string) => string): void => {
  if (!fits(found, BOOLEAN))
    throw mismatch(node.start, say(shownType(found)), { wayOut: 'Compare it with something, as in x <> 0' });
};
