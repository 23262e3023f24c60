import { toIdentifier } from '@granary/tabular/identifier';
import { DATASET_ID_LENGTH, type DatasetId } from '../dataset.ts';
import { type KnownTable, MOST_TABLES, NAME_LENGTH } from '../resource.ts';
import { HISTORY_ENDING } from '../sql-table.ts';

/** As it was found: its name, and the header by which it can be known again under another name. */
export type Named = { name: string; header?: readonly string[] };

export type Assignment = {
  /** In the order of the tables that were found. */
  found: readonly KnownTable[];
  /** What the resource held before, and no longer does. */
  gone: readonly (KnownTable & { gone_at: string })[];
};

/** What tells a table from others; undefined where nothing does. */
type Mark = string | undefined;

/**
 * Which dataset each table of a resource becomes. A table keeps its dataset by its name; by its name but for the years
 * in it; by its header; or because its resource has never held but one. Where its name is but its number, which changes
 * as others come and go, its header counts first, and the number only among as many tables as before. What is
 * ambiguous is not taken for the same: it becomes a dataset of its own, for a dataset must never get the rows of
 * another table. New ones are named after the resource where it holds no other table and never did, else after the
 * resource and the table. `headerOf` gives the header of a dataset's latest version; `at` is ISO 8601.
 */
export const assignTables = (
  stem: DatasetId,
  known: readonly KnownTable[],
  named: readonly Named[],
  { headerOf, at }: { headerOf: (dataset: DatasetId) => readonly string[] | undefined; at: string },
): Assignment => {
  const names = uniqueNames(named);
  const tables = named.map((table, index) => ({ ...table, index, name: names[index]! }));
  const datasets = new Map<number, KnownTable>();
  const isLeft = (one: KnownTable): boolean => ![...datasets.values()].includes(one);
  /**
   * Pairs what has the same mark, which nothing else has: neither what is left nor what has been paired, since one of
   * two tables of one header may have gone and a third have come.
   */
  const pair = (markOfKnown: (table: KnownTable) => Mark, markOfFound: (table: Named) => Mark): void => {
    const before = known.map((table) => ({ table, mark: markOfKnown(table) }));
    const now = tables.map((table) => ({ table, mark: markOfFound(table) }));
    for (const { table, mark } of now) {
      const [same, other] = before.filter((one) => one.mark === mark);
      const rivals = now.filter((one) => one.mark === mark);
      if (mark === undefined || same === undefined || other !== undefined || rivals.length > 1) continue;
      if (!datasets.has(table.index) && isLeft(same.table)) datasets.set(table.index, same.table);
    }
  };
  pair(ownName, ownName);
  if (tables.length === 1 && known.length === 1) datasets.set(0, known[0]!);
  pair(withoutYears, withoutYears);
  pair(
    ({ dataset }) => markOfHeader(headerOf(dataset)),
    ({ header }) => markOfHeader(header),
  );
  const living = known.filter(({ gone_at }) => gone_at === undefined);
  if (living.length === tables.length)
    for (const { index, name, header } of tables) {
      const same = living.find((one) => isNumber(name) && one.name === name && isLeft(one));
      if (same && !datasets.has(index) && areAlike(headerOf(same.dataset), header)) datasets.set(index, same);
    }

  const taken = new Set([stem, ...known.map(({ dataset }) => dataset)]);
  const isAlone = tables.length === 1 && known.length === 0;
  return {
    found: tables.map(({ name }, index) => {
      const same = datasets.get(index);
      if (same) return { name, dataset: same.dataset };
      const dataset = isAlone ? stem : freeId(`${stem}_${toIdentifier(name) || index + 1}`, taken);
      taken.add(dataset);
      return { name, dataset };
    }),
    gone: known.filter(isLeft).map((one) => ({ ...one, gone_at: one.gone_at ?? at })),
  };
};

const uniqueNames = (tables: readonly Named[]): string[] => {
  const names: string[] = [];
  for (const { name } of tables) {
    const cut = name.slice(0, NAME_LENGTH);
    let unique = cut;
    for (let number = 2; names.includes(unique); number++) unique = `${cut} (${number})`;
    names.push(unique);
  }
  return names;
};

/** Where a table stands among others, which is all that some are called: `2`, or of those of a sheet `Staff: 2`. */
const isNumber = (name: string): boolean => {
  const number = /(?:^|: )([1-9]\d*)$/.exec(name)?.[1];
  return number !== undefined && Number(number) <= MOST_TABLES;
};
const ownName = ({ name }: { name: string }): Mark => (isNumber(name) ? undefined : name);

/** None where there is no year: then the whole name is what counts. */
const withoutYears = ({ name }: { name: string }): Mark => {
  const without = name.replace(/(?<!\d)(?:19|20)\d\d(?!\d)/g, '####');
  return without === name ? undefined : without;
};

const namesIn = (header: readonly string[] = []): string[] =>
  header.map((cell) => cell.trim()).filter((cell) => cell !== '');

/** A header of one name is like too many others. */
const markOfHeader = (header: readonly string[] | undefined): Mark => {
  const columns = namesIn(header);
  return columns.length > 1 ? JSON.stringify(columns) : undefined;
};

/** Whether they have half of their columns in common, as far as both are known. */
const areAlike = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => {
  const [before, now] = [new Set(namesIn(a)), new Set(namesIn(b))];
  const common = [...now].filter((column) => before.has(column)).length;
  return common >= Math.min(before.size, now.size) / 2;
};

const freeId = (wanted: string, taken: ReadonlySet<string>): DatasetId => {
  // Room for what tells it from others.
  const id = wanted.slice(0, DATASET_ID_LENGTH - 12).replace(/_+$/, '');
  const usable = id.endsWith(HISTORY_ENDING) ? `${id}_table` : id;
  for (let number = 1; ; number++) {
    const free = number === 1 ? usable : `${usable}_${number}`;
    if (!taken.has(free)) return free;
  }
};
