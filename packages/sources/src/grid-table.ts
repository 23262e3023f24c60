import { RefusedContent } from '@granary/domain/errors';
import type { FoundTable, ReadOptions } from '@granary/domain/reading';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { UnreadableText } from '@granary/tabular/csv/tokenizer';
import type { GridTable } from '@granary/tabular/grid/grid-tables';
import { readGrid } from '@granary/tabular/grid/read-grid';
import type { NumberMarks } from '@granary/tabular/numbers';
import { markersOf } from './missing-markers.ts';

/** A table of a grid as a kind gives it. `place`: where it stands, for people; `notes`: of the file around it. */
export const gridTable = ({
  table,
  missing,
  marks,
  notes = [],
  ...about
}: {
  name: string;
  title?: string;
  place: string;
  table: GridTable;
  missing?: readonly string[];
  /** Of figures that are text, where they are declared. */
  marks?: NumberMarks;
  notes?: readonly string[];
}): FoundTable => {
  const { header, titles } = table;
  const markers = markersOf(missing);
  return {
    ...about,
    header,
    async read({ processing_date, fields = [] }: ReadOptions, out) {
      const contract = { fields: fields.filter((field) => !isProvenance(field.name)) };
      try {
        const reading = await readGrid(
          table,
          { contract, marks, missing: markers, provenance: { processing_date } },
          out,
        );
        return {
          dialect: reading.dialect,
          header: [...header],
          notes: [
            `It is ${about.place}; \`line\` is the row.`,
            ...titles.map((text) => `Above it stands: ${text}`),
            ...table.notes.map((note) => `Row ${note.line} is a note: ${note.text}`),
            ...reading.undecided.map(({ column, reason }) => `The column ${column} is text: ${reason}.`),
            ...notes,
          ],
        };
      } catch (error) {
        throw error instanceof UnreadableText
          ? new RefusedContent(`The table cannot be read: ${error.message}.`)
          : error;
      }
    },
  };
};
