import { MOST_DIFFERENCES, type OpinionHeard, type SecondOpinion } from '@granary/domain/second-opinion';
import type { Cell } from '@granary/tabular/table';
import type { Reading } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import { judgePage, layoutOfPage, pageFigures } from './page-lines.ts';
import { folded } from './sections.ts';
import { readYearPages } from './year-page.ts';

type Row = Readonly<Record<string, Cell>>;
type Names = { section: string | null; name: string };
/** Of one year, by what they are about. */
type Figures = Map<string, { names: Names; cells: readonly Cell[] }>;

const FIELDS = { production: ['quantity'], trade: ['quantity_kg', 'value_usd'] } as const;

const keyOf = ({ section, name }: Names): string =>
  JSON.stringify([section === null ? null : folded(section), folded(name)]);

/** Pages give whole figures where files may have decimals. */
const isSame = (page: Reading, cell: Cell): boolean => {
  if (page.kind !== 'figure') return cell === null || cell === 0;
  if (typeof cell !== 'number') return false;
  return Number.isInteger(page.value) ? Math.abs(page.value - cell) < 1 : page.value === cell;
};

const said = (reading: Reading): string => (reading.kind === 'figure' ? String(reading.value) : 'no figure');

/**
 * Compares the page of the newest year with the rows of a file, figure by figure: those whose section and name are the
 * same but for case and accents. `-` on a page is nought or no figure.
 */
export const pageOpinion = (file: EmbrapaFile, url: string, accept: string): SecondOpinion => {
  const years = new Map<number, Figures>();
  const fields = FIELDS[file.kind];
  const namesOf = (row: Row): Names =>
    file.kind === 'trade'
      ? { section: null, name: String(row.country) }
      : { section: row.section as string | null, name: String(row.product) };
  return {
    url,
    accept,
    observe(rows) {
      for (const row of rows) {
        const year = Number(row.year);
        const figures = years.get(year) ?? new Map();
        const names = namesOf(row);
        figures.set(keyOf(names), { names, cells: fields.map((field) => row[field]!) });
        years.set(year, figures);
      }
    },
    async compare(body) {
      const [page] = await readYearPages(body);
      const rest = new Map(years.get(page!.year));
      const reader = pageFigures();
      const differences: string[] = [];
      let [compared, unmatched] = [0, 0];
      for (const line of judgePage(page!, file, layoutOfPage(page!, file))) {
        const names = line.verdict === 'read' ? { section: line.section, name: line.name } : null;
        const known = names && rest.get(keyOf(names));
        if (!names || !known) {
          unmatched++;
          continue;
        }
        rest.delete(keyOf(names));
        for (const [i, field] of fields.entries()) {
          const reading = reader.read(line.row.fields[i + 1]!);
          if (reading.kind === 'trouble') continue;
          compared++;
          if (isSame(reading, known.cells[i]!)) continue;
          const what = [names.section, names.name].filter((one) => one !== null).join(' / ');
          differences.push(
            `${field} of "${what}" in ${page!.year}: ${said(reading)} on the page, ${known.cells[i] ?? 'no figure'} in the file.`,
          );
        }
      }
      const heard: Omit<OpinionHeard, 'url'> = {
        about: `of ${page!.year}`,
        ...{ compared, differing: differences.length, differences: differences.slice(0, MOST_DIFFERENCES) },
        unmatched: unmatched + rest.size,
      };
      return { ...heard, newest: page!.year === Math.max(...years.keys()) };
    },
  };
};
