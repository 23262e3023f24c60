import { ParserRuleContext } from 'antlr4ng';
import {
  ArrayConstructorContext,
  AtTimeZoneContext,
  BinaryLiteralContext,
  BooleanLiteralContext,
  CastContext,
  CurrentDateContext,
  CurrentTimeContext,
  CurrentTimestampContext,
  DecimalLiteralContext,
  DoubleLiteralContext,
  ExistsContext,
  ExpressionContext,
  ExtractContext,
  GroupingOperationContext,
  IntegerLiteralContext,
  IntervalLiteralContext,
  JsonArrayContext,
  JsonExistsContext,
  JsonObjectContext,
  JsonQueryContext,
  JsonValueContext,
  JsonValueExpressionContext,
  LambdaContext,
  ListAggContext,
  LocalTimeContext,
  LocalTimestampContext,
  NormalizeContext,
  NullLiteralContext,
  NumericLiteralContext,
  ParenthesizedExpressionContext,
  PositionContext,
  RowConstructorContext,
  SearchedCaseContext,
  SimpleCaseContext,
  StringLiteralContext,
  SubqueryExpressionContext,
  SubscriptContext,
  SubstringContext,
  TrimContext,
  TypeConstructorContext,
  ValueExpressionDefaultContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { type Analysis, CAST_ONE, type Handler, type Handlers, mismatch, wantBoolean } from './analysis.ts';
import { parseType } from './parse-type.ts';
import { noCommon, oneValueOf } from './predicates.ts';
import { interval } from './resolve-function.ts';
import type { Scope } from './scope.ts';
import {
  ANY,
  BIGINT,
  BOOLEAN,
  common,
  commonOf,
  DATE,
  DECIMAL,
  DOUBLE,
  fits,
  INTEGER,
  NULL,
  rowOf,
  shownType,
  TIME,
  TIMESTAMP,
  TIMESTAMP_TZ,
  type Type,
  type,
  VARBINARY,
  VARCHAR,
} from './sql-types.ts';
import { readType } from './type-nodes.ts';

/** Types of the results of what its text alone decides. */
const always =
  (gives: Type): Handler =>
  (node: ParserRuleContext, scope, { typeOf }) => {
    for (const child of node.children ?? []) if (child instanceof ParserRuleContext) typeOf(child, scope);
    return gives;
  };

/** The same as its only part. Others than these give what is not known. */
const passOn = (node: ParserRuleContext, scope: Scope, { typeOf }: Analysis): Type => {
  const inner = (node.children ?? []).filter((child) => child instanceof ParserRuleContext);
  const types = inner.map((child) => typeOf(child, scope));
  return types.length === 1 ? (types[0] as Type) : ANY;
};

const text = (node: StringLiteralContext): Type => {
  const written = node.getText();
  if (!written.startsWith("'")) return VARCHAR;
  return { ...VARCHAR, length: [...written.slice(1, -1).replaceAll("''", "'")].length };
};

const INTEGERS = 2n ** 31n;
const integer = (node: ParserRuleContext): Type => {
  const digits = node.getText().replaceAll('_', '');
  return /^-?\d+$/.test(digits) && BigInt(digits) >= INTEGERS ? BIGINT : INTEGER;
};

const sameOf = (nodes: readonly ParserRuleContext[], what: string, scope: Scope, { typeOf }: Analysis): Type => {
  const types = nodes.map((one) => typeOf(one, scope));
  const found = commonOf(types);
  if ('at' in found) throw noCommon(nodes[found.at], what, types, found.at);
  return found.all;
};

const searchedCase = (node: SearchedCaseContext, scope: Scope, analysis: Analysis): Type => {
  const clauses = node.whenClause();
  for (const clause of clauses) {
    const condition = clause._condition as ParserRuleContext;
    const say = (found: string) => `CASE WHEN clause must evaluate to a boolean (actual: ${found})`;
    wantBoolean(condition, analysis.typeOf(condition, scope), say);
  }
  const otherwise = node.expression();
  const results = clauses.map((clause) => clause._result as ParserRuleContext);
  return sameOf(otherwise ? [...results, otherwise] : results, 'All CASE results', scope, analysis);
};

const simpleCase = (node: SimpleCaseContext, scope: Scope, analysis: Analysis): Type => {
  const [operand, otherwise] = node.expression();
  const operandType = analysis.typeOf(operand, scope);
  const clauses = node.whenClause();
  for (const clause of clauses) {
    const found = analysis.typeOf(clause._condition as ParserRuleContext, scope);
    if (common(operandType, found)) continue;
    const message = `CASE operand type does not match WHEN clause operand type: ${shownType(operandType)} vs ${shownType(found)}`;
    throw mismatch((clause._condition as ParserRuleContext).start, message, { wayOut: CAST_ONE });
  }
  const results = clauses.map((clause) => clause._result as ParserRuleContext);
  return sameOf(otherwise ? [...results, otherwise] : results, 'All CASE results', scope, analysis);
};

const subscript = (node: SubscriptContext, scope: Scope, { typeOf }: Analysis): Type => {
  const base = typeOf(node.primaryExpression(), scope);
  const index = typeOf(node.valueExpression(), scope);
  if (base.name === 'any' || base.name === 'unknown') return ANY;
  if (base.name === 'array' && fits(index, BIGINT)) return base.of[0] as Type;
  if (base.name === 'map' && fits(index, base.of[0] as Type)) return base.of[1] as Type;
  if (base.name === 'row') return base.of[Number(node.valueExpression().getText()) - 1] ?? ANY;
  throw mismatch(node.start, `Cannot use ${shownType(index)} for subscript of ${shownType(base)}`);
};

const EXTRACTED = /^(date|time|timestamp|interval|any$|unknown$)/;
const extract = (node: ExtractContext, scope: Scope, { typeOf }: Analysis): Type => {
  const from = typeOf(node.valueExpression(), scope);
  if (!EXTRACTED.test(from.name)) {
    const message = `Type of argument to extract must be DATE, TIME, TIMESTAMP, or INTERVAL (actual ${shownType(from)})`;
    throw mismatch(node.valueExpression().start, message, { wayOut: 'Cast it, as in CAST(x AS date)' });
  }
  return BIGINT;
};

const cast = (node: CastContext, scope: Scope, { typeOf }: Analysis): Type => {
  typeOf(node.expression(), scope);
  return readType(node.type());
};

const typed = (node: TypeConstructorContext): Type => {
  const name = node.identifier();
  return name ? parseType(folded(nameOf(name))) : DOUBLE;
};

const array = (node: ArrayConstructorContext, scope: Scope, analysis: Analysis): Type =>
  type('array', sameOf(node.expression(), 'All ARRAY elements', scope, analysis));

const row = (node: RowConstructorContext, scope: Scope, { typeOf }: Analysis): Type =>
  rowOf(node.expression().map((one) => typeOf(one, scope)));

const atTimeZone = (node: AtTimeZoneContext, scope: Scope, { typeOf }: Analysis): Type => {
  const from = typeOf(node.valueExpression(), scope);
  return from.name.startsWith('time') && !from.name.startsWith('timestamp')
    ? type('time with time zone')
    : TIMESTAMP_TZ;
};

const jsonValue = (node: JsonValueContext, scope: Scope, analysis: Analysis): Type => {
  always(VARCHAR)(node as never, scope, analysis);
  return node.type() ? ANY : VARCHAR;
};

const subquery = (node: SubqueryExpressionContext, scope: Scope, { query }: Analysis): Type =>
  oneValueOf(query(node.query(), scope));

export const EXPRESSIONS: Handlers = [
  [ExpressionContext, passOn],
  [ValueExpressionDefaultContext, passOn],
  [ParenthesizedExpressionContext, passOn],
  [NumericLiteralContext, passOn],
  [JsonValueExpressionContext, passOn],
  [StringLiteralContext, text],
  [IntegerLiteralContext, integer],
  [DecimalLiteralContext, always(DECIMAL)],
  [DoubleLiteralContext, always(DOUBLE)],
  [BooleanLiteralContext, always(BOOLEAN)],
  [NullLiteralContext, always(NULL)],
  [BinaryLiteralContext, always(VARBINARY)],
  [
    IntervalLiteralContext,
    (node: IntervalLiteralContext) => interval(node.interval().intervalField(0)?.getText() ?? ''),
  ],
  [TypeConstructorContext, typed],
  [CurrentDateContext, always(DATE)],
  [CurrentTimeContext, always(type('time with time zone'))],
  [CurrentTimestampContext, always(TIMESTAMP_TZ)],
  [LocalTimeContext, always(TIME)],
  [LocalTimestampContext, always(TIMESTAMP)],
  [SubstringContext, always(VARCHAR)],
  [TrimContext, always(VARCHAR)],
  [NormalizeContext, always(VARCHAR)],
  [PositionContext, always(BIGINT)],
  [ListAggContext, always(VARCHAR)],
  [JsonExistsContext, always(BOOLEAN)],
  [JsonQueryContext, always(VARCHAR)],
  [JsonObjectContext, always(VARCHAR)],
  [JsonArrayContext, always(VARCHAR)],
  [JsonValueContext, jsonValue],
  [GroupingOperationContext, () => BIGINT],
  [ExistsContext, always(BOOLEAN)],
  [SearchedCaseContext, searchedCase],
  [SimpleCaseContext, simpleCase],
  [SubscriptContext, subscript],
  [ExtractContext, extract],
  [CastContext, cast],
  [ArrayConstructorContext, array],
  [RowConstructorContext, row],
  [AtTimeZoneContext, atTimeZone],
  [SubqueryExpressionContext, subquery],
  // Only as an argument of a function, which knows what it takes.
  [LambdaContext, (_node: LambdaContext) => ANY],
];
