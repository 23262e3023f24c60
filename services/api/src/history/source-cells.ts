import type { PublishedVersion } from '@granary/domain/dataset';
import type { SourceDefinition } from '@granary/domain/source';
import { uniqueIdentifiers } from '@granary/tabular/identifier';
import type { Cell } from '@granary/tabular/table';

/** A cell of the source: its position in the line, from 1, what the header calls it, its text as it stands. */
export type SourceCell = { position: number; header: string | null; text: string | null };

/**
 * The cells of a source line that each column of a row was read from; a column that no cell gives alone (a section, a
 * total) is not named. A kind that turns its files around (from years in columns to years in rows) says itself where;
 * others have the names of the columns in the header.
 */
export const sourceCells = (
  source: Pick<SourceDefinition, 'cellsOf'> | undefined,
  version: Pick<PublishedVersion, 'dataset' | 'header' | 'fields'>,
  row: Readonly<Record<string, Cell>>,
  cells: readonly string[],
): Readonly<Record<string, readonly SourceCell[]>> => {
  const { header, fields } = version;
  const positions = source?.cellsOf?.(version, row) ?? byName(header, fields);
  const cellAt = (position: number): SourceCell => ({
    position,
    header: header[position - 1] ?? null,
    text: cells[position - 1] ?? null,
  });
  return Object.fromEntries([...positions].map(([column, found]) => [column, found.map(cellAt)]));
};

const byName = (
  header: readonly string[],
  fields: PublishedVersion['fields'],
): ReadonlyMap<string, readonly number[]> => {
  const names = uniqueIdentifiers(header);
  const found = fields.map(({ name }) => [name, names.indexOf(name) + 1] as const);
  return new Map(found.flatMap(([name, position]) => (position > 0 ? [[name, [position]] as const] : [])));
};
