import type { ParserRuleContext } from 'antlr4ng';
import {
  type AliasedRelationContext,
  type ColumnAliasesContext,
  ExpressionSourceTableContext,
  JoinRelationContext,
  LateralContext,
  ParenthesizedRelationContext,
  type PatternRecognitionContext,
  RelationDefaultContext,
  type SampledRelationContext,
  SubqueryRelationContext,
  TableNameContext,
  UnnestContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { type Analysis, mismatch, wantBoolean } from './analysis.ts';
import { NOTHING, type Relation, type Scope, type ScopeColumn } from './scope.ts';
import { ANY, BIGINT, common, shownType, type Type } from './sql-types.ts';

const namesIn = (aliases: ColumnAliasesContext | null): readonly string[] =>
  aliases?.identifier().map((one) => folded(nameOf(one))) ?? [];

/** A relation by another name, and perhaps with other names of its columns. */
export const renamed = (relation: Relation, of: string | undefined, aliases: ColumnAliasesContext | null): Relation => {
  const names = namesIn(aliases);
  if (!relation.open && names.length > 0 && names.length !== relation.columns.length) {
    const message = `Column alias list has ${names.length} entries but relation has ${relation.columns.length} columns`;
    throw mismatch(aliases?.start ?? null, message, { code: 'MISMATCHED_COLUMN_ALIASES' });
  }
  if (relation.open && names.length > 0)
    return { columns: names.map((name) => ({ name, type: ANY, of })), open: false };
  const columns = relation.columns.map((one, n) => ({ ...one, name: names[n] ?? one.name, of: of ?? one.of }));
  return { columns, open: relation.open };
};

const together = (left: Relation, right: Relation): Relation => ({
  columns: [...left.columns, ...right.columns],
  open: left.open || right.open,
});

const elements = (type: Type): Type[] => {
  if (type.name === 'map') return [...type.of];
  const [element = ANY] = type.of;
  return element.name === 'row' ? [...element.of] : [element];
};

const unnest = (node: UnnestContext, scope: Scope, { typeOf }: Analysis): Relation => {
  const columns: ScopeColumn[] = [];
  let open = false;
  for (const one of node.expression()) {
    const type = typeOf(one, scope);
    if (type.name !== 'any' && type.name !== 'array' && type.name !== 'map')
      throw mismatch(one.start, `Cannot unnest type: ${shownType(type)}`, { code: 'INVALID_FUNCTION_ARGUMENT' });
    // An array of rows has a column for each of their fields, and how many those are is not known.
    open ||= type.name === 'any' || type.of.some(({ name }) => name === 'any');
    columns.push(...elements(type).map((each) => ({ name: undefined, type: each, of: undefined })));
  }
  if (node.KW_ORDINALITY()) columns.push({ name: undefined, type: BIGINT, of: undefined });
  return open ? { columns: [], open } : { columns, open };
};

/** What the analysis needs of a table that is none of WITH's. */
export type TableOf = (name: string) => Relation;

export const readRelations = (tableOf: TableOf) => {
  const primary = (node: ParserRuleContext, scope: Scope, analysis: Analysis): Relation => {
    if (node instanceof TableNameContext) {
      const reference = node.tableOrViewName().tableRef() ?? node.tableOrViewName().viewRef();
      const name = folded(nameOf(reference?.identifier().at(-1) as ParserRuleContext));
      return renamed(scope.named.get(name) ?? tableOf(name), name, null);
    }
    if (node instanceof ParenthesizedRelationContext) return relation(node.relation(), scope, analysis, NOTHING);
    if (node instanceof ExpressionSourceTableContext) return primary(node.relationSourceTable(), scope, analysis);
    if (node instanceof SubqueryRelationContext) {
      // It does not see what stands beside it, only what is around the whole query.
      const around = scope.outer ?? { relation: NOTHING, named: scope.named };
      return renamed(analysis.query(node.query(), { ...around, named: scope.named }), undefined, null);
    }
    if (node instanceof LateralContext) return analysis.query(node.query(), scope);
    if (node instanceof UnnestContext) return unnest(node, scope, analysis);
    return { columns: [], open: true };
  };

  const sampled = (node: SampledRelationContext, scope: Scope, analysis: Analysis): Relation => {
    if (node._percentage) analysis.typeOf(node._percentage, scope);
    const pattern: PatternRecognitionContext = node.patternRecognition();
    const aliased: AliasedRelationContext = pattern.aliasedRelation();
    const found = primary(aliased.relationPrimary(), scope, analysis);
    const alias = aliased.identifier();
    return renamed(found, alias ? folded(nameOf(alias)) : undefined, aliased.columnAliases());
  };

  const joined = (node: JoinRelationContext, scope: Scope, analysis: Analysis, left: Relation): Relation => {
    const criteria = node.joinCriteria();
    const right =
      node._right ?? node._rightRelation ?? (node.sampledRelation() as ParserRuleContext | null) ?? node.relation(1);
    const found = relation(right as ParserRuleContext, { ...scope, relation: left }, analysis, left);
    const both = together(left, found);
    const condition = criteria?.booleanExpression();
    if (condition) {
      const say = (type: string) => `JOIN ON clause must evaluate to a boolean: actual type ${type}`;
      wantBoolean(condition, analysis.typeOf(condition, { ...scope, relation: both }), say);
    }
    const equality = criteria?.joinColumnEquality();
    if (equality) analysis.typeOf(equality, { ...scope, relation: both });
    if (node.KW_NATURAL())
      throw mismatch(node.KW_NATURAL()?.symbol ?? null, 'Natural join not supported', {
        code: 'NOT_SUPPORTED',
        wayOut: 'Name the columns: JOIN … USING (x)',
      });
    return criteria?.KW_USING() ? usingColumns(criteria.identifier(), left, found) : both;
  };

  /** The columns that both have come first, once, and have no table's name. */
  const usingColumns = (names: readonly ParserRuleContext[], left: Relation, right: Relation): Relation => {
    if (left.open || right.open) return { columns: [], open: true };
    const used = names.map((node): ScopeColumn => {
      const name = folded(nameOf(node));
      const [a, b] = [left, right].map(({ columns }) => columns.find((one) => one.name === name));
      if (!a || !b) {
        const side = a ? 'right' : 'left';
        const message = `Column '${name}' is missing from ${side} side of join`;
        throw mismatch(node.start, message, { code: 'COLUMN_NOT_FOUND' });
      }
      const type = common(a.type, b.type);
      if (type) return { name, type, of: undefined };
      const message = `Column types of left and right side of join are incompatible: ${shownType(a.type)}, ${shownType(b.type)}`;
      throw mismatch(node.start, message);
    });
    const rest = [...left.columns, ...right.columns].filter(({ name }) => !used.some((one) => one.name === name));
    return { columns: [...used, ...rest], open: false };
  };

  /** `left`: what stands before it, which LATERAL and UNNEST see. */
  const relation = (node: ParserRuleContext, scope: Scope, analysis: Analysis, left: Relation): Relation => {
    if (node instanceof JoinRelationContext) {
      const [first] = node.relation();
      const before = relation(first as ParserRuleContext, scope, analysis, left);
      return joined(node, scope, analysis, before);
    }
    const inner = node instanceof RelationDefaultContext ? node.sampledRelation() : node;
    return sampled(inner as SampledRelationContext, { ...scope, relation: left }, analysis);
  };

  /** All that stands in FROM. */
  return (nodes: readonly ParserRuleContext[], scope: Scope, analysis: Analysis): Relation => {
    let all = NOTHING;
    for (const node of nodes) all = together(all, relation(node, { ...scope, relation: all }, analysis, all));
    return all;
  };
};
