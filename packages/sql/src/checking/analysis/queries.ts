import type { ParserRuleContext } from 'antlr4ng';
import {
  InlineTableContext,
  type NamedQueryContext,
  type QueryNoWithContext,
  QueryPrimaryDefaultContext,
  QueryStatementContext,
  QueryTermDefaultContext,
  RowConstructorContext,
  SetOperationContext,
  SubqueryContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { type Analysis, mismatch } from './analysis.ts';
import { bare } from './calls.ts';
import { checkPosition, positionOf } from './order.ts';
import { renamed } from './relations.ts';
import type { Relation, Scope } from './scope.ts';
import type { Specification } from './specifications.ts';
import { ANY, common, rowOf, shownType, type Type } from './sql-types.ts';

const columnsOf = (types: readonly Type[]): Relation => ({
  columns: types.map((type) => ({ name: undefined, type, of: undefined })),
  open: false,
});

const inlineTable = (node: InlineTableContext, scope: Scope, { typeOf }: Analysis): Relation => {
  let all: readonly Type[] | undefined;
  for (const one of node.expression()) {
    const row = bare(one);
    const types =
      row instanceof RowConstructorContext ? row.expression().map((cell) => typeOf(cell, scope)) : [typeOf(one, scope)];
    const joined = all?.map((type, n) => common(type, types[n] ?? ANY));
    if (all && (all.length !== types.length || joined?.some((type) => type === undefined))) {
      const message = `Values rows have mismatched types: ${shownType(rowOf(all))} vs ${shownType(rowOf(types))}`;
      throw mismatch(node.start, message);
    }
    all = (joined as Type[] | undefined) ?? types;
  }
  return columnsOf(all ?? []);
};

const combined = (node: SetOperationContext, left: Relation, right: Relation): Relation => {
  if (left.open || right.open) return { columns: [], open: true };
  const what = (node._operator?.text ?? 'UNION').toUpperCase();
  const [a, b] = [left.columns.length, right.columns.length];
  if (a !== b) throw mismatch(node.start, `${what} query has different number of fields: ${a}, ${b}`);
  const columns = left.columns.map((column, n) => {
    const other = right.columns[n]?.type as Type;
    const type = common(column.type, other);
    if (type) return { ...column, type, of: undefined };
    const message = `column ${n + 1} in ${what} query has incompatible types: ${shownType(column.type)}, ${shownType(other)}`;
    throw mismatch(node.start, message, { wayOut: 'Cast one of the two, as in CAST(x AS varchar)' });
  });
  return { columns, open: false };
};

type Ordered = Pick<QueryNoWithContext, 'sortItem'>;

/** Reads queries. `specification` reads a SELECT, with the ORDER BY that follows it. */
export const readQueries = (specification: Specification) => {
  const term = (node: ParserRuleContext, scope: Scope, analysis: Analysis, ordered: Ordered | undefined): Relation => {
    if (node instanceof QueryTermDefaultContext) return term(node.queryPrimary(), scope, analysis, ordered);
    if (node instanceof QueryPrimaryDefaultContext)
      return specification(node.querySpecification(), scope, analysis, ordered?.sortItem() ?? []);
    const found = unordered(node, scope, analysis);
    if (ordered) orderOutput(ordered, found, scope, analysis);
    return found;
  };

  const unordered = (node: ParserRuleContext, scope: Scope, analysis: Analysis): Relation => {
    if (node instanceof SubqueryContext) return noWith(node.queryNoWith(), scope, analysis);
    if (node instanceof InlineTableContext) return inlineTable(node, scope, analysis);
    if (node instanceof SetOperationContext) {
      const [left, right] = node.queryTerm().map((one) => term(one, scope, analysis, undefined)) as [
        Relation,
        Relation,
      ];
      return combined(node, left, right);
    }
    return { columns: [], open: true };
  };

  /** After a UNION and the like, ORDER BY knows its columns alone. */
  const orderOutput = (ordered: Ordered, output: Relation, scope: Scope, { typeOf }: Analysis): void => {
    for (const item of ordered.sortItem()) {
      const position = positionOf(item);
      if (position === undefined) typeOf(item, { ...scope, relation: output });
      else checkPosition(item, position, output, 'ORDER BY');
    }
  };

  const noWith = (node: QueryNoWithContext, scope: Scope, analysis: Analysis): Relation =>
    term(node.queryTerm(), scope, analysis, node);

  const nameQuery = (named: NamedQueryContext, isRecursive: boolean, scope: Scope, analysis: Analysis): Relation => {
    const name = folded(nameOf(named.identifier()));
    const query = named.query();
    const whole = query instanceof QueryStatementContext && !query.with() ? query.queryNoWith() : undefined;
    const parts = whole?.queryTerm();
    if (isRecursive && whole && parts instanceof SetOperationContext) {
      const [left, right] = parts.queryTerm() as [ParserRuleContext, ParserRuleContext];
      const first = renamed(term(left, scope, analysis, undefined), undefined, named.columnAliases());
      const inner = new Map([...scope.named, [name, first]]);
      combined(parts, first, term(right, { ...scope, named: inner }, analysis, undefined));
      return first;
    }
    return renamed(analysis.query(query, scope), undefined, named.columnAliases());
  };

  return (node: ParserRuleContext, scope: Scope, analysis: Analysis): Relation => {
    if (!(node instanceof QueryStatementContext)) return { columns: [], open: true };
    let inner = scope;
    const names = node.with();
    for (const named of names?.namedQuery() ?? []) {
      const isRecursive = Boolean(names?.KW_RECURSIVE());
      const found = nameQuery(named, isRecursive, inner, analysis);
      inner = { ...inner, named: new Map([...inner.named, [folded(nameOf(named.identifier())), found]]) };
    }
    return noWith(node.queryNoWith(), inner, analysis);
  };
};
