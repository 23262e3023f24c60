import type { ParserRuleContext } from 'antlr4ng';
import { TableNameContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { refusedAt, shown } from './refused-sql.ts';
import { folded, nameOf } from './sql-names.ts';
import type { NamesInScope } from './walk-query.ts';

/** Names that a dataset's table can have. */
const TABLE = /^[a-z_][a-z0-9_]*$/;

/**
 * Words that begin statements. Trino reads `(SHOW tables)` as a table with another name; DuckDB, which answers on one
 * machine, runs it. No dataset is called so, and what WITH calls so is not read.
 */
const STATEMENTS: ReadonlySet<string> = new Set([
  'call',
  'desc',
  'describe',
  'explain',
  'pivot',
  'show',
  'summarize',
  'unpivot',
]);

/**
 * The table that a node reads: its name in lower case. Undefined when the node reads none, or one that WITH defines.
 * Throws InvalidRequest for a name with a prefix, for the engine's own tables, and for what cannot be a table's name at
 * all (a path, say).
 */
export const tableOf = (node: ParserRuleContext, scope: NamesInScope): string | undefined => {
  if (!(node instanceof TableNameContext)) return undefined;
  const reference = node.tableOrViewName().tableRef() ?? node.tableOrViewName().viewRef();
  const at = node.start ?? { line: 1, column: 0 };
  const parts = reference?.identifier() ?? [];
  if (parts.length !== 1) throw refusedAt(at, `${shown(node.getText())}: tables have no prefix here.`);
  const name = folded(nameOf(parts[0]));
  if (scope.has(name) && !STATEMENTS.has(name)) return undefined;
  if (!TABLE.test(name) || STATEMENTS.has(name))
    throw refusedAt(at, `There is no table ${shown(nameOf(parts[0]))}. A table is a dataset of /v1/datasets.`);
  return name;
};
