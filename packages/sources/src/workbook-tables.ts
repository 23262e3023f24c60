import { RefusedContent } from '@granary/domain/errors';
import type { FoundTable, ResourceFile } from '@granary/domain/reading';
import { type GridTable, gridTables } from '@granary/tabular/grid/grid-tables';
import type { Sheet } from '@granary/tabular/grid/sheets';
import { UnreadableWorkbook } from '@granary/tabular/grid/unreadable-workbook';
import { readWorkbook } from '@granary/tabular/grid/workbook';
import { gridTable } from './grid-table.ts';
import { type SheetRange, sheetsIn } from './sheet-range.ts';

/** A workbook is held in memory while it is read, many times its size. */
const MOST_BYTES = 50_000_000;

/**
 * The tables of all sheets of a workbook that are shown: each sheet's, one below the other or side by side. Throws
 * RefusedContent for one that is encrypted, damaged, too large, or holds no table.
 */
export const workbookTables = async (
  { missing, ...part }: SheetRange & { missing?: readonly string[] },
  file: ResourceFile,
): Promise<readonly FoundTable[]> => {
  if (file.bytes > MOST_BYTES)
    throw new RefusedContent(
      `The workbook has ${file.bytes} bytes; at most ${MOST_BYTES} are read. Publish its sheets as CSV.`,
    );
  const { sheets: shown, hidden } = await opened(file);
  const sheets = sheetsIn(shown, part);
  const found = sheets.flatMap((sheet) => gridTables(sheet.grid).map((table) => ({ sheet, table })));
  if (found.length === 0) throw new RefusedContent(`The workbook holds no table${hiddenNote(hidden)}.`);
  const notes = hidden.length > 0 ? [`Hidden sheets were not read: ${hidden.join(', ')}.`] : [];
  return found.map(({ sheet, table }) => {
    const own = found.filter((other) => other.sheet === sheet).map((other) => other.table);
    return tableOf(sheet, table, own, { missing, notes });
  });
};

const hiddenNote = (hidden: readonly string[]): string =>
  hidden.length > 0 ? ` in the sheets that are shown (hidden: ${hidden.join(', ')})` : '';

const opened = async (file: ResourceFile) => {
  try {
    return await readWorkbook(file);
  } catch (error) {
    throw error instanceof UnreadableWorkbook ? new RefusedContent(`The file is no table: ${error.message}.`) : error;
  }
};

/** Named after its sheet; of several on it, by the title that no other has or else by its number. */
const tableOf = (
  sheet: Sheet,
  table: GridTable,
  own: readonly GridTable[],
  { missing, notes }: { missing: readonly string[] | undefined; notes: readonly string[] },
): FoundTable => {
  const { titles, range } = table;
  const title = titles.at(-1);
  const isOwn = title !== undefined && own.filter((other) => other.titles.at(-1) === title).length === 1;
  return gridTable({
    name: own.length === 1 ? sheet.name : `${sheet.name}: ${isOwn ? title : own.indexOf(table) + 1}`,
    ...(own.length === 1 && title !== undefined && { title: `${sheet.name}: ${title}` }),
    place: `rows ${range.first_row} to ${range.last_row} of the sheet '${sheet.name}'`,
    notes: [...sheet.notes, ...notes],
    ...{ table, missing },
  });
};
