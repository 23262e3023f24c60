import type { QueryContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { checkFunction, isVolatile } from './called-functions.ts';
import { MOST_CHARACTERS } from './limits.ts';
import { checkType } from './named-types.ts';
import { parseSql } from './parse-sql.ts';
import type { Parameters } from './read-parameters.ts';
import { refused } from './refused-sql.ts';
import { checkSyntax } from './refused-syntax.ts';
import { tableOf } from './table-names.ts';
import { checkText, checkTokens, lex, visible } from './tokens.ts';
import { walkQuery } from './walk-query.ts';
import { placeTokens, writeParameters } from './write-parameters.ts';

export type CheckedSql = {
  /** What is sent: one SELECT, parameters written in. */
  sql: string;
  /** Tables it reads, lower case, each once, without the names that it defines itself (WITH). Not looked up yet. */
  tables: readonly string[];
  /** The tree of `sql`, with the places of the asked text: for {@link ./analysis/check-meaning.ts}. */
  query: QueryContext;
  /**
   * It calls what answers otherwise each time (now(), random(), uuid(), current_date …): its result is not to be given
   * again.
   */
  volatile: boolean;
};

/**
 * Sees to it that a text is one query in Trino's SQL that only reads, and writes its parameters into it. What is parsed
 * and checked is the very text that is sent.
 *
 * `parameters` are by name, without the colon. Throws InvalidRequest (`fields` are `sql` or `parameters.<name>`) naming
 * line and column, from 1, and the way out. The time is bounded for any text ({@link ./limits.ts}). This file brings
 * Trino's whole grammar with it: import it where it is used.
 */
export const checkSql = (sql: string, parameters: Parameters): CheckedSql => {
  if (sql.length > MOST_CHARACTERS)
    throw refused(`The query has ${sql.length} characters; ${MOST_CHARACTERS} are the most.`);
  checkText(sql, 'The query');
  const asked = lex(sql);
  checkTokens(asked);
  const written = writeParameters(sql, visible(asked), parameters);
  const tokens = written.sql === sql ? asked : lex(written.sql);
  placeTokens(visible(tokens), written.origins);

  const { query } = parseSql(tokens);
  const tables = new Set<string>();
  let volatile = false;
  walkQuery(query, (node, scope) => {
    checkSyntax(node);
    checkType(node);
    checkFunction(node);
    const table = tableOf(node, scope);
    if (table !== undefined) tables.add(table);
    if (isVolatile(node)) volatile = true;
  });
  return { sql: written.sql, query, tables: [...tables], volatile };
};

// Exported here so that one dynamic import loads everything that needs the grammar.
export { checkMeaning } from './analysis/check-meaning.ts';
