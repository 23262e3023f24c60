import { toIdentifier } from '@granary/tabular/identifier';
import { DATASET_ID_LENGTH, type DatasetId } from '../dataset.ts';
import { type KnownTable, NAME_LENGTH } from '../resource.ts';
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
 * in it; by its header; or because its resource has never held but one. What is ambiguous is not taken for the
 * same: it becomes a dataset of its own. New ones are named after the resource where it holds no other table and never
 * did, else after the resource and the table. `headerOf` gives the header of a dataset's latest version; `at` is
 * ISO 8601.
 */
export const assignTables = (
  stem: DatasetId,
  known: readonly KnownTable[],
  named: readonly Named[],
  { headerOf, at }: { headerOf: (dataset: DatasetId) => readonly string[] | undefined; at: string },
): Assignment => {
  const names = uniqueNames(named);
  const tables = named.map((table, index) => ({ ...table, name: names[index]! }));
  const datasets = new Map<number, KnownTable>();
  const left = {
    known: () => known.filter((one) => ![...datasets.values()].includes(one)),
    tables: () => tables.flatMap((table, index) => (datasets.has(index) ? [] : [{ ...table, index }])),
  };
  /** Pairs what has the same mark, which nothing else on either side has. */
  const pair = (markOfKnown: (table: KnownTable) => Mark, markOfFound: (table: Named) => Mark): void => {
    const [before, now] = [left.known(), left.tables()];
    for (const table of now) {
      const mark = markOfFound(table);
      const same = before.filter((one) => markOfKnown(one) === mark);
      const rivals = now.filter((other) => markOfFound(other) === mark);
      if (mark !== undefined && same.length === 1 && rivals.length === 1) datasets.set(table.index, same[0]!);
    }
  };
  const nameOf = ({ name }: { name: string }): string => name;
  pair(nameOf, nameOf);
  if (tables.length === 1 && known.length === 1) datasets.set(0, known[0]!);
  pair(withoutYears, withoutYears);
  pair(
    ({ dataset }) => markOfHeader(headerOf(dataset)),
    ({ header }) => markOfHeader(header),
  );

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
    gone: left.known().map((one) => ({ ...one, gone_at: one.gone_at ?? at })),
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

/** None where there is no year: then the whole name is what counts. */
const withoutYears = ({ name }: { name: string }): Mark => {
  const without = name.replace(/(?<!\d)(?:19|20)\d\d(?!\d)/g, '####');
  return without === name ? undefined : without;
};

/** A header of one name is like too many others. */
const markOfHeader = (header: readonly string[] | undefined): Mark =>
  header && header.filter((cell) => cell.trim() !== '').length > 1 ? JSON.stringify(header) : undefined;

const freeId = (wanted: string, taken: ReadonlySet<string>): DatasetId => {
  // Room for what tells it from others.
  const id = wanted.slice(0, DATASET_ID_LENGTH - 12).replace(/_+$/, '');
  const usable = id.endsWith(HISTORY_ENDING) ? `${id}_table` : id;
  for (let number = 1; ; number++) {
    const free = number === 1 ? usable : `${usable}_${number}`;
    if (!taken.has(free)) return free;
  }
};
