import type { ParserRuleContext } from 'antlr4ng';
import {
  AndContext,
  BetweenContext,
  ComparisonContext,
  DistinctFromContext,
  InListContext,
  InSubqueryContext,
  JoinColumnEqualityContext,
  LikeContext,
  LogicalNotContext,
  OrContext,
  PredicatedContext,
  QuantifiedComparisonContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { type Analysis, CAST_ONE, type Handlers, mismatch, wantBoolean } from './analysis.ts';
import type { Relation, Scope } from './scope.ts';
import { ANY, BOOLEAN, common, commonOf, isText, rowOf, shownType, type Type } from './sql-types.ts';

/** What a subquery stands for where one value is wanted: its only column, or a row of them. */
export const oneValueOf = ({ columns, open }: Relation): Type => {
  if (open) return ANY;
  return columns.length === 1
    ? (columns[0]?.type as Type)
    : rowOf(
        columns.map(({ type }) => type),
        columns.map(({ name }) => name),
      );
};

const compare = (place: ParserRuleContext | null, left: Type, sign: string, right: Type): void => {
  if (common(left, right)) return;
  const token = place?.start ?? null;
  throw mismatch(token, `Cannot apply operator: ${shownType(left)} ${sign} ${shownType(right)}`, { wayOut: CAST_ONE });
};

/** As Trino says it of lists whose items have no common type. */
export const noCommon = (place: ParserRuleContext | undefined, what: string, types: readonly Type[], at: number) => {
  const { before } = commonOf(types.slice(0, at + 1)) as { before: Type };
  const all = [...new Set(types.map(shownType))].join(', ');
  const message =
    `${what} must be the same type or coercible to a common type. ` +
    `Cannot find common type between ${shownType(before)} and ${shownType(types[at] as Type)}, all types (without duplicates): [${all}]`;
  return mismatch(place?.start ?? null, message, { wayOut: CAST_ONE });
};

const predicated = (node: PredicatedContext, scope: Scope, analysis: Analysis): Type => {
  const { typeOf, query } = analysis;
  const left = typeOf(node.valueExpression(), scope);
  const predicate = node.predicate();
  if (!predicate) return left;
  if (predicate instanceof ComparisonContext) {
    const right = typeOf(predicate.valueExpression(), scope);
    compare(predicate, left, predicate.comparisonOperator().getText(), right);
  } else if (predicate instanceof QuantifiedComparisonContext) {
    const right = oneValueOf(query(predicate.query(), scope));
    compare(predicate, left, predicate.comparisonOperator().getText(), right);
  } else if (predicate instanceof DistinctFromContext) {
    const right = typeOf(predicate.valueExpression(), scope);
    if (!common(left, right))
      throw mismatch(predicate.start, `Cannot check if ${shownType(left)} is identical to ${shownType(right)}`);
  } else if (predicate instanceof BetweenContext) {
    const [low, high] = predicate.valueExpression().map((one) => typeOf(one, scope)) as [Type, Type];
    if (!('all' in commonOf([left, low, high]))) {
      const message = `Cannot check if ${shownType(left)} is BETWEEN ${shownType(low)} and ${shownType(high)}`;
      throw mismatch(predicate.start, message, { wayOut: CAST_ONE });
    }
  } else if (predicate instanceof InListContext) {
    const items = predicate.expression();
    const types = [left, ...items.map((one) => typeOf(one, scope))];
    const found = commonOf(types);
    if ('at' in found) throw noCommon(items[found.at - 1], 'IN value and list items', types, found.at);
  } else if (predicate instanceof InSubqueryContext) {
    const right = oneValueOf(query(predicate.query(), scope));
    if (!common(left, right)) {
      const message = `Value expression and result of subquery must be of the same type: ${shownType(left)} vs ${shownType(right)}`;
      throw mismatch(predicate.start, message, { wayOut: CAST_ONE });
    }
  } else if (predicate instanceof LikeContext) {
    const [pattern, escaping] = predicate.valueExpression();
    const parts = [
      [node, left, 'Left side of LIKE expression'],
      [pattern, pattern && typeOf(pattern, scope), 'Pattern for LIKE expression'],
      [escaping, escaping && typeOf(escaping, scope), 'Escape for LIKE expression'],
    ] as const;
    for (const [place, type, what] of parts)
      if (type && !(isText(type) || type.name === 'any' || type.name === 'unknown'))
        throw mismatch(place?.start ?? null, `${what} must evaluate to a varchar (actual: ${shownType(type)})`, {
          wayOut: 'Cast it, as in CAST(x AS varchar)',
        });
  }
  return BOOLEAN;
};

/** AND and OR lean to the left: a chain is followed by a loop, as it is as deep as it is long. */
const logical = (node: AndContext | OrContext, scope: Scope, { typeOf }: Analysis): Type => {
  const terms: ParserRuleContext[] = [];
  let rest: ParserRuleContext = node;
  while (rest.constructor === node.constructor) {
    const [left, right] = (rest as AndContext).booleanExpression() as [ParserRuleContext, ParserRuleContext];
    terms.push(right);
    rest = left;
  }
  terms.push(rest);
  for (const term of terms.reverse()) {
    const say = (found: string) => `Logical expression term must evaluate to a boolean (actual: ${found})`;
    wantBoolean(term, typeOf(term, scope), say);
  }
  return BOOLEAN;
};

const not = (node: LogicalNotContext, scope: Scope, { typeOf }: Analysis): Type => {
  const inner = node.booleanExpression();
  const say = (found: string) => `Value of logical NOT expression must evaluate to a boolean (actual: ${found})`;
  wantBoolean(inner, typeOf(inner, scope), say);
  return BOOLEAN;
};

/** `a.x = b.y` after ON, which the grammar has a form of its own for. */
const equality = (node: JoinColumnEqualityContext, scope: Scope, { typeOf }: Analysis): Type => {
  const [left, right] = node.joinColumnReference().map((one) => typeOf(one, scope));
  if (!common(left, right))
    throw mismatch(node.EQ()?.symbol ?? node.start, `Cannot apply operator: ${shownType(left)} = ${shownType(right)}`, {
      wayOut: CAST_ONE,
    });
  return BOOLEAN;
};

export const PREDICATES: Handlers = [
  [PredicatedContext, predicated],
  [AndContext, logical],
  [OrContext, logical],
  [LogicalNotContext, not],
  [JoinColumnEqualityContext, equality],
];
