import { ANY, type Type } from './sql-types.ts';

/** A column as those who read a relation see it. Names are folded. */
export type ScopeColumn = { name: string | undefined; type: Type; of: string | undefined };

/** What stands in FROM, or what a query gives. `open`: it has columns that the analysis does not know. */
export type Relation = { columns: readonly ScopeColumn[]; open: boolean };

/** What names mean at a place; `outer` is that of the query around it. */
export type Scope = {
  relation: Relation;
  outer?: Scope;
  /** Of a lambda: before all columns. */
  arguments?: ReadonlyMap<string, Type>;
  /** What the query gives its columns by AS, which its own clauses do not know. */
  aliases?: ReadonlySet<string>;
  /** Names that WITH gave. */
  named: ReadonlyMap<string, Relation>;
};

export const NOTHING: Relation = { columns: [], open: false };

export type FoundColumn = { type: Type } | 'ambiguous' | undefined;

const matching = (
  relation: Relation,
  names: readonly string[],
): { columns: readonly ScopeColumn[]; rest: readonly string[] } => {
  const [first, second] = names as [string, string?];
  if (second !== undefined) {
    const qualified = relation.columns.filter(({ of, name }) => of === first && name === second);
    if (qualified.length > 0) return { columns: qualified, rest: names.slice(2) };
  }
  return { columns: relation.columns.filter(({ name }) => name === first), rest: names.slice(1) };
};

/** The field of a row that a name leads to; undefined where it has none of that name. */
export const fieldOf = (row: Type, name: string): Type | undefined => {
  if (row.name === 'any') return ANY;
  const at = row.name === 'row' ? (row.fields?.indexOf(name) ?? -1) : -1;
  return at < 0 ? undefined : row.of[at];
};

/** What a name, with its prefixes, stands for. Undefined: nothing that could be seen from here. */
export const lookUp = (scope: Scope, names: readonly string[]): FoundColumn => {
  const argument = scope.arguments?.get(names[0] as string);
  if (argument) return dereferenced(argument, names.slice(1));
  const { columns, rest } = matching(scope.relation, names);
  if (columns.length > 1) return scope.relation.open ? { type: ANY } : 'ambiguous';
  const [column] = columns;
  if (column) {
    const found = dereferenced(column.type, rest);
    if (found) return found;
  }
  if (scope.relation.open) return { type: ANY };
  return scope.outer && lookUp(scope.outer, names);
};

const dereferenced = (type: Type, names: readonly string[]): FoundColumn => {
  let inner: Type | undefined = type;
  for (const name of names) inner = inner && fieldOf(inner, name);
  return inner && { type: inner };
};
