import type { ParserRuleContext } from 'antlr4ng';
import {
  ColumnRefContext,
  ColumnReferenceContext,
  DereferenceContext,
  ExpressionContext,
  FilterContext,
  FunctionCallContext,
  JoinColumnReferenceContext,
  LambdaContext,
  NumericLiteralContext,
  OverContext,
  ParenthesizedExpressionContext,
  PartitionByContext,
  PredicatedContext,
  type QualifiedNameContext,
  SortItemContext,
  ValueExpressionDefaultContext,
  WindowSpecificationContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { type Analysis, CAST_ONE, type Handlers, mismatch, wantBoolean } from './analysis.ts';
import { noCommon } from './predicates.ts';
import { type Argument, resolveFunction } from './resolve-function.ts';
import { fieldOf, lookUp, type Scope } from './scope.ts';
import { ANY, common, commonOf, INTEGER, shownType, type Type, VARCHAR } from './sql-types.ts';

const inside = (node: ParserRuleContext): ParserRuleContext[] =>
  (node.children ?? []).filter((child) => 'children' in child) as ParserRuleContext[];

const WRAPPERS = [ExpressionContext, PredicatedContext, ValueExpressionDefaultContext, NumericLiteralContext];

/** What an expression is that is nothing but brackets and one thing. */
export const bare = (node: ParserRuleContext): ParserRuleContext => {
  for (let found = node; ; ) {
    const isWrapper = WRAPPERS.some((kind) => found instanceof kind) && found.getChildCount() === 1;
    if (!isWrapper && !(found instanceof ParenthesizedExpressionContext)) return found;
    found = inside(found)[0];
  }
};

const partsOf = (name: QualifiedNameContext | null | undefined): readonly string[] | undefined =>
  name?.identifier().map((one) => folded(nameOf(one)));

/** Names of `a.b.c`; undefined where it begins with something else. */
export const namesOf = (node: ParserRuleContext): readonly string[] | undefined => {
  const found = bare(node);
  if (found instanceof ColumnRefContext) return partsOf(found.qualifiedName());
  if (found instanceof ColumnReferenceContext) return partsOf(found.columnName()?.qualifiedName());
  if (found instanceof JoinColumnReferenceContext) return partsOf(found.columnName()?.qualifiedName());
  if (!(found instanceof DereferenceContext)) return undefined;
  const before = namesOf(found.primaryExpression());
  return before && [...before, folded(nameOf(found.identifier()))];
};

const reference = (node: ParserRuleContext, scope: Scope, { typeOf }: Analysis): Type => {
  const names = namesOf(node);
  if (!names) {
    if (!(node instanceof DereferenceContext)) return ANY;
    const base = typeOf(node.primaryExpression(), scope);
    const field = fieldOf(base, folded(nameOf(node.identifier())));
    if (field || base.name === 'row') return field ?? ANY;
    throw mismatch(node.start, `Expression ${node.primaryExpression().getText()} is not of type ROW`);
  }
  const found = lookUp(scope, names);
  const name = names.join('.');
  if (found === 'ambiguous')
    throw mismatch(node.start, `Column '${name}' is ambiguous`, {
      code: 'AMBIGUOUS_NAME',
      wayOut: "Put the table's name before it, as in t.x",
    });
  if (found) return found.type;
  const isAlias = names.length === 1 && scope.aliases?.has(name);
  const wayOut = isAlias
    ? 'What AS names is known in ORDER BY alone: write the expression again, or name it in a subquery'
    : '';
  throw mismatch(node.start, `Column '${name}' cannot be resolved`, { code: 'COLUMN_NOT_FOUND', wayOut });
};

const argumentOf = (node: ExpressionContext, scope: Scope, { typeOf }: Analysis): Argument => {
  const found = bare(node);
  if (!(found instanceof LambdaContext)) return typeOf(node, scope);
  const names = found.identifier().map((one) => folded(nameOf(one)));
  /** Of what the arguments are, as several overloads may ask. */
  const known = new Map<string, Type>();
  return {
    arity: names.length,
    lambda: (takes) => {
      const key = takes.map(shownType).join();
      const given = new Map([...(scope.arguments ?? []), ...names.map((name, n) => [name, takes[n] ?? ANY] as const)]);
      const type = known.get(key) ?? typeOf(found.expression(), { ...scope, arguments: given });
      known.set(key, type);
      return type;
    },
  };
};

/** What have the form of functions and are none in Trino. */
const FORMS: Readonly<Record<string, (node: FunctionCallContext, types: readonly Type[]) => Type>> = {
  if: (node, types) => {
    const [condition, then, otherwise] = types;
    if (!condition || !then || types.length > 3)
      throw mismatch(node.start, "Invalid number of arguments for 'if' function", { code: 'SYNTAX_ERROR' });
    const say = (found: string) => `IF condition must evaluate to a boolean (actual: ${found})`;
    wantBoolean(node.expression(0) as ParserRuleContext, condition, say);
    const gives = otherwise ? common(then, otherwise) : then;
    if (gives) return gives;
    const message = `Result types for IF must be the same: ${shownType(then)} vs ${shownType(otherwise as Type)}`;
    throw mismatch(node.start, message, { wayOut: CAST_ONE });
  },
  nullif: (node, types) => {
    const [first, second] = types;
    if (!first || !second || types.length > 2)
      throw mismatch(node.start, "Invalid number of arguments for 'nullif' function", { code: 'SYNTAX_ERROR' });
    if (common(first, second)) return first;
    const message = `Types are not comparable with NULLIF: ${shownType(first)} vs ${shownType(second)}`;
    throw mismatch(node.start, message, { wayOut: CAST_ONE });
  },
  coalesce: (node, types) => {
    if (types.length < 2)
      throw mismatch(node.start, "The 'coalesce' function must have at least two arguments", { code: 'SYNTAX_ERROR' });
    const found = commonOf(types);
    if ('at' in found) throw noCommon(node.expression(found.at) ?? undefined, 'All COALESCE operands', types, found.at);
    return found.all;
  },
  try: (_node, types) => types[0] ?? ANY,
  format: () => VARCHAR,
  grouping: () => INTEGER,
};

const call = (node: FunctionCallContext, scope: Scope, analysis: Analysis): Type => {
  for (const part of [node.filter(), node.over(), ...node.sortItem()]) if (part) analysis.typeOf(part, scope);
  const name = folded(nameOf(node.functionName().qualifiedName().identifier(0) as ParserRuleContext));
  const given = node.ASTERISK() ? [] : node.expression().map((one) => argumentOf(one, scope, analysis));
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form)
    return form(
      node,
      given.map((one) => ('lambda' in one ? ANY : one)),
    );
  const found = resolveFunction(name, given);
  if ('gives' in found) return found.gives;
  throw mismatch(node.start, found.mismatch, { code: 'FUNCTION_NOT_FOUND', wayOut: 'CAST gives a value another type' });
};

const filter = (node: FilterContext, scope: Scope, { typeOf }: Analysis): Type => {
  const condition = node.whereClause()?._where ?? node.whereClause()?.booleanExpression();
  if (!condition) return ANY;
  const say = (found: string) => `Filter expression must evaluate to a boolean (actual: ${found})`;
  wantBoolean(condition, typeOf(condition, scope), say);
  return ANY;
};

/** Each for itself: what they come to does not matter. */
const each = (node: ParserRuleContext, scope: Scope, { typeOf }: Analysis): Type => {
  for (const part of inside(node)) typeOf(part, scope);
  return ANY;
};

export const CALLS: Handlers = [
  [ColumnReferenceContext, reference],
  [ColumnRefContext, reference],
  [JoinColumnReferenceContext, reference],
  [DereferenceContext, reference],
  [FunctionCallContext, call],
  [FilterContext, filter],
  [SortItemContext, each],
  [OverContext, (node: OverContext, scope, analysis) => each(node, scope, analysis)],
  [WindowSpecificationContext, each],
  [PartitionByContext, each],
];
