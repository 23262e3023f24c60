/** How two tables are compared: decided from their schemas alone. */
import type { ColumnType, Field } from '../table.ts';
import type { DiffTable } from './diff-table.ts';

/**
 * Where a row stands in its source. It moves with every line that is put in before, so it says nothing of what a row
 * is.
 */
export const PLACE = 'line';
/** Columns that never make a row a changed one. */
export const IGNORED: readonly string[] = [PLACE, 'processing_date'];

export type DiffPlan = {
  /** The declared key of the newer table. */
  key: readonly string[];
  /**
   * Rows that are alike in these are the same row. That is the key; or, when the key holds the place in the source, the
   * rest of the key and the columns that say what a row is about: those of text or truth values that no row may leave
   * empty. Empty: rows are the same when they are alike in everything.
   */
  matched_by: readonly string[];
  ignored: readonly string[];
  fields: {
    added: readonly string[];
    removed: readonly string[];
    retyped: readonly { name: string; from: ColumnType; to: ColumnType }[];
  };
  /**
   * Both tables are sorted by these first, so that rows which are alike in them can be matched apart from all others.
   */
  blocks: readonly string[];
};

const describes = ({ type, nullable }: Field): boolean => !nullable && (type === 'string' || type === 'boolean');

export const planDiff = (from: Omit<DiffTable, 'batches'>, to: Omit<DiffTable, 'batches'>): DiffPlan => {
  const before = new Map(from.fields.map((field) => [field.name, field]));
  const after = new Map(to.fields.map((field) => [field.name, field]));
  const both = to.fields.filter(({ name }) => before.has(name));
  const declared = to.key.filter((name) => before.has(name) && after.has(name) && !IGNORED.includes(name));
  const about = both.filter(
    (field) =>
      describes(field) &&
      describes(before.get(field.name)!) &&
      !to.key.includes(field.name) &&
      !IGNORED.includes(field.name),
  );
  const matched_by = to.key.includes(PLACE) ? [...declared, ...about.map(({ name }) => name)] : declared;
  const blocks: string[] = [];
  for (const [index, name] of to.sortedBy.entries()) {
    if (from.sortedBy[index] !== name || !matched_by.includes(name)) break;
    if (before.get(name)?.type !== after.get(name)?.type) break;
    blocks.push(name);
  }
  return {
    key: to.key,
    matched_by,
    ignored: IGNORED.filter((name) => before.has(name) || after.has(name)),
    fields: {
      added: to.fields.filter(({ name }) => !before.has(name)).map(({ name }) => name),
      removed: from.fields.filter(({ name }) => !after.has(name)).map(({ name }) => name),
      retyped: both.flatMap(({ name, type }) => {
        const old = before.get(name)!.type;
        return old === type ? [] : [{ name, from: old, to: type }];
      }),
    },
    blocks,
  };
};
