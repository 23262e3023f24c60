import type { ParserRuleContext } from 'antlr4ng';
import {
  type GroupByContext,
  GroupingTermContext,
  type QuerySpecificationContext,
  type SelectItemContext,
  type SortItemContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { type Analysis, mismatch, wantBoolean } from './analysis.ts';
import { bare, namesOf } from './calls.ts';
import { checkPosition, keyOf, placeIn, positionOf } from './order.ts';
import type { readRelations } from './relations.ts';
import { NOTHING, type Relation, type Scope, type ScopeColumn } from './scope.ts';

export type Specification = (
  node: QuerySpecificationContext,
  scope: Scope,
  analysis: Analysis,
  sortItems: readonly SortItemContext[],
) => Relation;

type Item = { key: string | undefined; columns: readonly ScopeColumn[]; open: boolean };

/** The expression of an item that is one. */
const expressionOf = (item: SelectItemContext): ParserRuleContext | undefined =>
  item.selectExpressionColumnName()?.expression() ?? item.selectLiteralColumnName()?.columnRef();

/**
 * The text of an expression by which it is told whether two are one: without the names of tables, and without brackets
 * around it or its parts.
 */
const keyOfText = (node: ParserRuleContext): string => {
  const names = namesOf(node);
  if (names) return names.at(-1) as string;
  const parts = bare(node).children ?? [];
  return parts
    .map((part) => ('children' in part ? keyOfText(part as ParserRuleContext) : part.getText().toLowerCase()))
    .join(' ');
};

/** Whether a name may be a table's, or a row's, as far as is known. */
const isSeen = (scope: Scope | undefined, table: string): boolean =>
  scope !== undefined &&
  (scope.relation.open ||
    scope.relation.columns.some(({ of, name }) => of === table || name === table) ||
    isSeen(scope.outer, table));

const readItem = (item: SelectItemContext, inner: Scope, { typeOf }: Analysis): Item => {
  const { relation } = inner;
  if (item.selectAllWithoutTable()) return { key: undefined, columns: relation.columns, open: relation.open };
  const all = item.tableAllColumns();
  if (all) {
    const names = namesOf(all.primaryExpression());
    if (names?.length !== 1 || item.columnAliases()) return { key: undefined, columns: [], open: true };
    const columns = relation.columns.filter(({ of }) => of === names[0]);
    if (columns.length > 0) return { key: undefined, columns, open: relation.open };
    if (isSeen(inner, names[0])) return { key: undefined, columns: [], open: true };
    const message = `Unable to resolve reference ${names[0]}`;
    throw mismatch(item.start, message, { code: 'TABLE_NOT_FOUND' });
  }
  const expression = expressionOf(item);
  if (!expression) return { key: undefined, columns: [], open: true };
  const type = typeOf(expression, inner);
  const alias = item.identifier();
  const name = alias ? folded(nameOf(alias)) : namesOf(expression)?.at(-1);
  return { key: keyOfText(expression), columns: [{ name, type, of: undefined }], open: false };
};

const termsOf = (node: GroupByContext): GroupingTermContext[] => {
  const terms: GroupingTermContext[] = [];
  const visit = (at: ParserRuleContext): void => {
    if (at instanceof GroupingTermContext) terms.push(at);
    else for (const child of at.children ?? []) if ('children' in child) visit(child as ParserRuleContext);
  };
  visit(node);
  return terms;
};

const aliasesOf = (items: readonly SelectItemContext[]): ReadonlySet<string> =>
  new Set(items.flatMap((item) => (item.identifier() ? [folded(nameOf(item.identifier() as ParserRuleContext))] : [])));

/** Reads a SELECT: what its clauses see, and in which order. */
export const readSpecifications =
  (from: ReturnType<typeof readRelations>): Specification =>
  (node, scope, analysis, sortItems) => {
    const around: Scope = { relation: NOTHING, named: scope.named, outer: scope, arguments: scope.arguments };
    const relation = from(node.relation(), around, analysis);
    const items = node.selectList().selectItem();
    const inner: Scope = { ...around, relation, aliases: aliasesOf(items) };

    const where = node.whereClause()?.booleanExpression();
    if (where) {
      const say = (found: string) => `WHERE clause must evaluate to a boolean: actual type ${found}`;
      wantBoolean(where, analysis.typeOf(where, inner), say);
    }
    const read = items.map((item) => readItem(item, inner, analysis));
    const output: Relation = {
      columns: read.flatMap(({ columns }) => columns),
      open: read.some(({ open }) => open),
    };

    for (const term of node.groupBy() ? termsOf(node.groupBy() as GroupByContext) : []) {
      const grouped = term.expression() ?? (term.columnRef() as ParserRuleContext);
      const position = placeIn(grouped);
      if (position === undefined) analysis.typeOf(grouped, inner);
      else checkPosition(grouped, position, output, 'GROUP BY');
    }
    const having = node.havingClause()?.booleanExpression();
    if (having) {
      const say = (found: string) => `HAVING clause must evaluate to a boolean: actual type ${found}`;
      wantBoolean(having, analysis.typeOf(having, inner), say);
    }
    for (const window of node.windowDefinition()) analysis.typeOf(window.windowSpecification(), inner);
    checkOrder(node, sortItems, { read, output, inner }, analysis);
    return { columns: output.columns.map((column) => ({ ...column, of: undefined })), open: output.open };
  };

/**
 * ORDER BY knows the columns of the result by their names first, then what FROM has; with DISTINCT nothing but what is
 * selected.
 */
const checkOrder = (
  node: QuerySpecificationContext,
  sortItems: readonly SortItemContext[],
  { read, output, inner }: { read: readonly Item[]; output: Relation; inner: Scope },
  { typeOf }: Analysis,
): void => {
  const given = new Map<string, ScopeColumn>();
  for (const column of output.columns) if (column.name !== undefined) given.set(column.name, column);
  const isDistinct = Boolean(node.setQuantifier()?.KW_DISTINCT());
  const keys = new Set([...read.map(({ key }) => key), ...given.keys()]);
  const types = new Map([...given].map(([name, { type }]) => [name, type]));
  for (const item of sortItems) {
    const position = positionOf(item);
    if (position !== undefined) {
      checkPosition(item, position, output, 'ORDER BY');
      continue;
    }
    const key = keyOf(item);
    typeOf(key, { ...inner, arguments: new Map([...types, ...(inner.arguments ?? [])]), aliases: undefined });
    if (isDistinct && !output.open && !keys.has(keyOfText(key)))
      throw mismatch(node.start, 'For SELECT DISTINCT, ORDER BY expressions must appear in select list', {
        code: 'EXPRESSION_NOT_IN_DISTINCT',
        wayOut: 'Select it too, or take GROUP BY',
      });
  }
};
