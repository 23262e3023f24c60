import { ParserRuleContext } from 'antlr4ng';
import {
  type NamedQueryContext,
  type QueryContext,
  QueryStatementContext,
  QueryTermContext,
  SetOperationContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from './sql-names.ts';

/** Names that WITH gives to queries, where they can be seen. */
export type NamesInScope = ReadonlySet<string>;

type Step = { node: ParserRuleContext; scope: NamesInScope };

const childrenOf = (node: ParserRuleContext): ParserRuleContext[] =>
  (node.children ?? []).filter((child) => child instanceof ParserRuleContext);

const within = (node: ParserRuleContext, scope: NamesInScope): Step[] =>
  childrenOf(node).map((child) => ({ node: child, scope }));

const nameOfQuery = (named: NamedQueryContext): string => folded(nameOf(named.identifier()));

/**
 * A named query sees those named before it, and the query after WITH sees all. With RECURSIVE, a query sees itself
 * where recursion goes by Trino's rules, which is the right side of a UNION that is all of it; anywhere else its name
 * is a table's.
 */
const ofQuery = (query: QueryStatementContext, scope: NamesInScope): Step[] => {
  const steps: Step[] = [];
  let seen = scope;
  const names = query.with();
  for (const named of names?.namedQuery() ?? []) {
    const own = new Set([...seen, nameOfQuery(named)]);
    steps.push({ node: named.identifier(), scope: seen });
    steps.push(...(names?.KW_RECURSIVE() ? ofRecursive(named, seen, own) : [{ node: named.query(), scope: seen }]));
    seen = own;
  }
  return [...steps, { node: query.queryNoWith(), scope: seen }];
};

const ofRecursive = (named: NamedQueryContext, scope: NamesInScope, own: NamesInScope): Step[] => {
  const query = named.query();
  const whole = query instanceof QueryStatementContext && !query.with() ? query.queryNoWith() : undefined;
  const term = whole?.queryTerm();
  if (!whole || !(term instanceof SetOperationContext) || !term.KW_UNION()) return [{ node: query, scope }];
  const [left, right] = term.queryTerm();
  const rest = childrenOf(whole).filter((child) => !(child instanceof QueryTermContext));
  return [{ node: left, scope }, { node: right, scope: own }, ...rest.map((node) => ({ node, scope }))];
};

/**
 * Visits every node in the order of the text, with the names that are seen there. It does not recurse: chains of
 * operators are as deep as they are long.
 */
export const walkQuery = (query: QueryContext, visit: (node: ParserRuleContext, scope: NamesInScope) => void): void => {
  const waiting: Step[] = [{ node: query, scope: new Set() }];
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    const { node, scope } = step;
    visit(node, scope);
    const steps = node instanceof QueryStatementContext ? ofQuery(node, scope) : within(node, scope);
    for (let index = steps.length - 1; index >= 0; index--) waiting.push(steps[index]);
  }
};
