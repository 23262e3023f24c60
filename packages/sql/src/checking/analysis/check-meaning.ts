import type { ParserRuleContext } from 'antlr4ng';
import type { QueryContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import type { Analysis, Handler } from './analysis.ts';
import { CALLS } from './calls.ts';
import { EXPRESSIONS } from './expressions.ts';
import { OPERATORS } from './operators.ts';
import { PREDICATES } from './predicates.ts';
import { readQueries } from './queries.ts';
import { readRelations } from './relations.ts';
import { NOTHING, type Relation } from './scope.ts';
import { readSpecifications } from './specifications.ts';
import { ANY, type Type } from './sql-types.ts';

const HANDLERS: ReadonlyMap<unknown, Handler> = new Map([...CALLS, ...EXPRESSIONS, ...OPERATORS, ...PREDICATES]);

/**
 * Refuses what Trino refuses and other engines answer, each in their own way: names that are not known where they
 * stand, values of types that do not fit, ORDER BY of what DISTINCT left out. Where it does not know a type it says
 * nothing. `tables` are those that the query reads, by their names in lower case.
 *
 * Throws InvalidRequest in Trino's words with its name of the error (`TYPE_MISMATCH: line 1:8: …`), and RangeError
 * where the query is too deep for it.
 */
export const checkMeaning = (query: QueryContext, tables: ReadonlyMap<string, Relation>): void => {
  const tableOf = (name: string): Relation => tables.get(name) ?? { columns: [], open: true };
  const readQuery = readQueries(readSpecifications(readRelations(tableOf)));
  const analysis: Analysis = {
    typeOf: (node: ParserRuleContext, scope): Type => {
      const handler = HANDLERS.get(node.constructor);
      return handler ? handler(node as never, scope, analysis) : ANY;
    },
    query: (node, scope) => readQuery(node, scope, analysis),
  };
  analysis.query(query, { relation: NOTHING, named: new Map() });
};
