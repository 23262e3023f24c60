import { RENAMED, SAME, SYNTAX, strftimeFormat } from './athena-functions.ts';
import { MACROS } from './athena-macros.ts';

/** Why a query failed: `by` says whose fault it is, as AthenaError's ErrorCategory does. */
export class QueryFailure extends Error {
  readonly by: 'user' | 'system';
  constructor(message: string, by: 'user' | 'system' = 'user') {
    super(message);
    this.by = by;
  }
}

/** DuckDB's own account of a statement (json_serialize_sql). */
type Node = { readonly [key: string]: unknown };
export type Serialized =
  | { error: true; error_message: string; error_type: string; position?: string }
  | { error: false; statements: readonly { node: Node }[] };

export type ReadSql = {
  /** The SQL with Athena's names of functions made DuckDB's. */
  sql: string;
  /** Names of tables of the catalog, lower case, each once. */
  tables: readonly string[];
  /** Names of macros that it needs. */
  macros: readonly string[];
  /**
   * Every name that the query gives to a column or takes from one, lower case: a column of the result with another name
   * has none.
   */
  columnNames: ReadonlySet<string>;
  /** Where a column is first named, as `line 1:8: `. */
  placeOf(column: string): string;
};

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What may stand in FROM. Not SHOW_REF (DESCRIBE, SUMMARIZE) and PIVOT, which are DuckDB's. */
const REFERENCES = new Set(['BASE_TABLE', 'JOIN', 'SUBQUERY', 'EXPRESSION_LIST', 'EMPTY', 'TABLE_FUNCTION']);
/** Words that look like columns. */
const NO_COLUMN = new Set(
  'current_date current_timestamp current_time localtimestamp localtime current_user current_catalog current_schema'.split(
    ' ',
  ),
);

/**
 * Reads what DuckDB's parser made of `sql` and refuses all that is no SELECT over tables of the catalog with Athena's
 * functions: files by name, functions that read them, DuckDB's tables about itself. `database` is that of the query;
 * `has` says whether it has a table. Throws QueryFailure.
 */
export const readSql = (
  sql: string,
  serialized: Serialized,
  catalog: { database: string; has(table: string): boolean },
): ReadSql => {
  const bytes = Buffer.from(sql);
  /** `line 1:8: `; positions are of bytes, and none where it is beyond the text. */
  const at = (location: unknown): string => {
    const offset = Number(location);
    if (!(offset >= 0 && offset <= bytes.length)) return '';
    const lines = bytes.subarray(0, offset).toString().split('\n');
    return `line ${lines.length}:${[...lines.at(-1)!].length + 1}: `;
  };
  if (serialized.error) {
    if (serialized.error_type === 'not implemented')
      throw new QueryFailure('Only SELECT is allowed in the embedded AWS.');
    throw new QueryFailure(`SYNTAX_ERROR: ${at(serialized.position ?? '')}${serialized.error_message}`);
  }
  if (serialized.statements.length !== 1) throw new QueryFailure('Only one sql statement is allowed.');

  const tables = new Set<string>();
  const macros = new Set<string>();
  const columnNames = new Set<string>();
  const places = new Map<string, unknown>();
  const edits: Edit[] = [];

  const give = (name: unknown) => columnNames.add(text(name).toLowerCase());

  const readTable = (node: Node, scope: ReadonlySet<string>) => {
    const [catalogName, schema, name] = [node.catalog_name, node.schema_name, node.table_name].map((part) =>
      text(part).toLowerCase(),
    ) as [string, string, string];
    if (schema === '' && scope.has(name)) return;
    const known =
      (catalogName === '' || catalogName === 'awsdatacatalog') && (schema === '' || schema === catalog.database);
    if (!known || !catalog.has(name)) {
      const full = [catalogName || 'awsdatacatalog', schema || catalog.database, name].join('.');
      throw new QueryFailure(`TABLE_NOT_FOUND: ${at(node.query_location)}Table '${full}' does not exist`);
    }
    tables.add(name);
  };

  const editFormat = (name: string, format: Node | undefined) => {
    const { value } = (format?.value ?? {}) as Node;
    if (typeof value !== 'string')
      throw new QueryFailure(`${name} takes a format in quotes alone in the embedded AWS.`, 'system');
    const written = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const to = strftimeFormat(value);
    if (to === undefined)
      throw new QueryFailure(`INVALID_FUNCTION_ARGUMENT: ${value} has a word that ${name} does not take`);
    edits.push({ from: Number(format?.query_location), names: [written(value)], to: written(to) });
  };

  const readFunction = (node: Node) => {
    const name = text(node.function_name).toLowerCase();
    const qualified = text(node.schema) !== '' || text(node.catalog) !== '';
    if (MACROS.has(name) && !qualified) macros.add(name);
    else if (RENAMED.has(name) && !qualified) {
      edits.push({ from: Number(node.query_location), names: [name, `"${name}"`], to: RENAMED.get(name)! });
      if (name === 'date_format' || name === 'date_parse') editFormat(name, (node.children as Node[])[1]);
    } else if (!(node.is_operator || SAME.has(name) || SYNTAX.has(name))) {
      throw new QueryFailure(
        `FUNCTION_NOT_FOUND: ${at(node.query_location)}Function '${name}' not registered (in the embedded AWS)`,
      );
    }
    const part = name === 'date_part' && (node.children as Node[])[0]?.value;
    if (isNode(part) && ['dow', 'weekday', 'epoch'].includes(text(part.value).toLowerCase())) {
      // Sunday is 0 in DuckDB and 7 in Athena.
      throw new QueryFailure(
        `${at(node.query_location)}EXTRACT(${part.value}) is not in the embedded AWS; take day_of_week(x)`,
      );
    }
  };

  const visit = (value: unknown, scope: ReadonlySet<string>): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each, scope);
      return;
    }
    if (!isNode(value)) return;
    const type = text(value.type);
    if (value.class === 'FUNCTION' || value.class === 'WINDOW') readFunction(value);
    if (value.class === 'COLUMN_REF') {
      const names = value.column_names as string[];
      const name = names.at(-1)!.toLowerCase();
      if (!(names.length === 1 && NO_COLUMN.has(name))) give(name);
      if (!places.has(name)) places.set(name, value.query_location);
    }
    // Only references have a sample.
    if ('sample' in value && 'alias' in value && !REFERENCES.has(type)) {
      throw new QueryFailure(`SYNTAX_ERROR: ${at(value.query_location)}this is not of Athena's SQL`);
    }
    if (type === 'BASE_TABLE') readTable(value, scope);
    if (type === 'TABLE_FUNCTION') {
      const called = value.function as Node;
      if (text(called.function_name).toLowerCase() !== 'unnest' || text(called.schema) !== '') {
        const name = text(called.function_name);
        throw new QueryFailure(
          `FUNCTION_NOT_FOUND: ${at(value.query_location)}Table function '${name}' not registered`,
        );
      }
    }
    if (text(value.alias) !== '') give(value.alias);
    for (const aliases of [value.column_name_alias, value.aliases]) if (Array.isArray(aliases)) aliases.forEach(give);

    let inner = scope;
    const ctes = (value.cte_map as { map?: { key: string; value: Node }[] } | undefined)?.map ?? [];
    for (const { key, value: cte } of ctes) {
      const query = (cte.query as { node?: Node } | undefined)?.node;
      const name = key.toLowerCase();
      // A name is known to what follows it, and to itself when it is recursive.
      visit(cte, query?.type === 'RECURSIVE_CTE_NODE' ? new Set([...inner, name]) : inner);
      inner = new Set([...inner, name]);
    }
    for (const [key, child] of Object.entries(value)) if (key !== 'cte_map') visit(child, inner);
  };
  visit(serialized.statements[0]!.node, new Set());

  return {
    sql: edited(bytes, edits),
    tables: [...tables],
    macros: [...macros],
    columnNames,
    placeOf: (column) => (places.has(column) ? at(places.get(column)) : ''),
  };
};

type Edit = { from: number; names: readonly string[]; to: string };

/** The text is edited from its end, at the places that the parser names, where one of the `names` stands. */
const edited = (bytes: Buffer, edits: readonly Edit[]): string => {
  let result = bytes;
  for (const { from, names, to } of [...edits].sort((a, b) => b.from - a.from)) {
    const found = names
      .map((name) => from + Buffer.byteLength(name))
      .find((end, n) => result.subarray(from, end).toString().toLowerCase() === names[n]!.toLowerCase());
    if (found === undefined)
      throw new QueryFailure(`${names[0]} cannot be written like this in the embedded AWS.`, 'system');
    result = Buffer.concat([result.subarray(0, from), Buffer.from(to), result.subarray(found)]);
  }
  return result.toString();
};
