/**
 * What a change of a table's columns does. `evolve`: the version is published with its new columns. `freeze`: it is
 * held until an operator has decided, and readers keep the version before it. `discard`: a new column is left out.
 */
import type { Field } from '@granary/tabular/table';

export type TableContract = {
  /** Columns that the version before did not have. */
  new_columns?: 'evolve' | 'freeze' | 'discard';
  /** Columns that the version before had. */
  lost_columns?: 'evolve' | 'freeze';
  changed_types?: 'evolve' | 'freeze';
};

/**
 * A new column harms nobody: whoever names columns does not see it. One that is gone, or is of another type, breaks
 * what reads it.
 */
export const DEFAULT_CONTRACT = {
  new_columns: 'evolve',
  lost_columns: 'freeze',
  changed_types: 'freeze',
} as const satisfies TableContract;

/** A table's columns; `key` identifies its rows. */
export type TableShape = { fields: readonly Field[]; key: readonly string[] };

export type ColumnChanges = {
  added: readonly Field[];
  lost: readonly Field[];
  retyped: readonly { from: Field; to: Field }[];
};

export const columnChanges = (before: readonly Field[], after: readonly Field[]): ColumnChanges => {
  const known = new Map(before.map((field) => [field.name, field]));
  const found = new Map(after.map((field) => [field.name, field]));
  return {
    added: after.filter(({ name }) => !known.has(name)),
    lost: before.filter(({ name }) => !found.has(name)),
    retyped: after.flatMap((to) => {
      const from = known.get(to.name);
      return from && from.type !== to.type ? [{ from, to }] : [];
    }),
  };
};

/** What somebody declared is there on purpose. */
const undeclared = (fields: readonly Field[], declared: readonly Field[]): Field[] =>
  fields.filter(({ name, type }) => !declared.some((known) => known.name === name && known.type === type));

/** Names of the new columns that a version leaves out; none of a first version, nor of those that are declared. */
export const discardedColumns = (
  found: readonly Field[],
  {
    before,
    declared,
    contract = {},
  }: { before?: readonly Field[]; declared: readonly { name: string }[]; contract?: TableContract },
): string[] => {
  if (!before || contract.new_columns !== 'discard') return [];
  const { added } = columnChanges(before, found);
  const names = new Set(declared.map(({ name }) => name));
  return added.map(({ name }) => name).filter((name) => !names.has(name));
};

/** Why a version breaks its contract, a sentence for each column; none where it keeps it. */
export const contractBreaches = (
  after: readonly Field[],
  before: { fields: readonly Field[]; version: number },
  { contract, declared = [] }: { contract?: TableContract; declared?: readonly Field[] } = {},
): string[] => {
  const { new_columns, lost_columns, changed_types } = { ...DEFAULT_CONTRACT, ...contract };
  const { added, lost, retyped } = columnChanges(before.fields, after);
  const mended = new Set(
    undeclared(
      retyped.map(({ to }) => to),
      declared,
    ).map(({ name }) => name),
  );
  return [
    ...(lost_columns === 'freeze'
      ? lost.map(({ name }) => `It has no column ${name}, which version ${before.version} has.`)
      : []),
    ...(changed_types === 'freeze'
      ? retyped
          .filter(({ to }) => mended.has(to.name))
          .map(
            ({ from, to }) =>
              `Its column ${to.name} is of type ${to.type}, and of type ${from.type} in version ${before.version}.`,
          )
      : []),
    ...(new_columns === 'freeze'
      ? undeclared(added, declared).map(
          ({ name }) => `It has a column ${name}, which version ${before.version} does not have.`,
        )
      : []),
  ];
};

/** Types whose values are all values of another one. */
const WIDER: Readonly<Partial<Record<Field['type'], readonly Field['type'][]>>> = { int32: ['int64', 'double'] };

/**
 * The semantic version of a table: major where a column is gone, has a type that does not hold all values of the one
 * before, or where other columns identify a row; minor where a column came or was widened (an int32 that is an int64 or
 * a double, a column that may be null); else patch. The first one is 1.0.0, as are those of an earlier release.
 */
export const nextSemver = (before: (TableShape & { semver?: string }) | undefined, after: TableShape): string => {
  if (!before) return '1.0.0';
  const [major = 1, minor = 0, patch = 0] = (before.semver ?? '1.0.0').split('.').map(Number);
  const { added, lost, retyped } = columnChanges(before.fields, after.fields);
  const isWidened = ({ from, to }: ColumnChanges['retyped'][number]) => WIDER[from.type]?.includes(to.type) ?? false;
  if (lost.length > 0 || !retyped.every(isWidened) || before.key.join() !== after.key.join()) return `${major + 1}.0.0`;
  const nullable = new Map(before.fields.map((field) => [field.name, field.nullable]));
  const isLooser = after.fields.some(({ name, nullable: may }) => may && nullable.get(name) === false);
  if (added.length > 0 || retyped.length > 0 || isLooser) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
};
