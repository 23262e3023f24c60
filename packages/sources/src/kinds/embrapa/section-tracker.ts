import { isTotal, spoiltName } from './names.ts';
import { codeOf, folded, isSectionTitle, normalised, prefixOf, sortOfLine } from './sections.ts';

/** Where the leading cells of a line stand. */
type Places = { control: number | null; name: number; first_figure: number };
type Named = { control: string | null; product: string };

export type Placed = { section: string | null; is_total: boolean } | { trouble: string };

const unquoted = (cell: string): string => normalised(cell.replaceAll('"', ''));
const withoutSpaces = (text: string): string => text.replaceAll(' ', '');
const initial = (text: string): string => folded(text).charAt(0);

type Lines = {
  /** Those that can be read, in order. */
  lines: readonly Named[];
  /** The cells of those that cannot. */
  spoilt: readonly (readonly string[])[];
  /** Folded titles that the file is known for. */
  known: ReadonlySet<string>;
  headless: boolean;
};

/**
 * Whether the lines of a file stand in sections: one opens a section, or may, or the codes are those of several, or of
 * a section that the file is known for. Lines that may be titles only count beside products with codes: the one line of
 * `ProcessaSemclass` has a code that is neither.
 */
const haveSections = ({ lines, spoilt, known, headless }: Lines): boolean => {
  const sorts = lines.map(({ control, product }) => sortOfLine(control, product, known));
  if (sorts.includes('title') || spoilt.some((cells) => cells.some((cell) => isSectionTitle(unquoted(cell)))))
    return true;
  if (known.size > 0 && (headless || lines.some(({ control }) => control === null))) return true;
  const prefixes = new Set(lines.flatMap(({ control }) => prefixOf(codeOf(control)) ?? []));
  const initials = new Set([...known].map(initial));
  const named = lines.some(({ product }, i) => sorts[i] === 'unsure' && known.has(folded(product)));
  return (
    named ||
    prefixes.size > 1 ||
    (prefixes.size > 0 && sorts.includes('unsure')) ||
    [...prefixes].some((prefix) => initials.has(initial(prefix)))
  );
};

/** A file whose names are all upper case has no products left: each line would be a section, and the total of it. */
const MOSTLY = 0.8;
const FEW_LINES = 8;
const areAllTitles = ({ lines, known }: Lines): boolean => {
  const titles = lines.filter(({ control, product }) => sortOfLine(control, product, known) === 'title');
  return lines.length >= FEW_LINES && titles.length > lines.length * MOSTLY;
};

/**
 * Follows the sections of a file line by line. Where a line that may have opened one cannot be read, the section of
 * those below is not known until the next title, and they are not placed by guessing.
 */
export const trackSections = (all: Lines) => {
  const { lines, known } = all;
  const sectioned = haveSections(all);
  const allTitles = areAllTitles(all);
  const names = [...known];
  /** A cell that is more than a title, or less: glued to another, or in another case. */
  const mayHoldTitle = (cell: string): boolean =>
    /\p{Lu}{4}/u.test(cell) || names.some((title) => folded(cell).includes(title));
  const initials = new Set(
    lines.flatMap(({ control, product }) => (sortOfLine(control, product, known) === 'title' ? initial(product) : [])),
  );
  let section: string | null = null;
  let prefix: string | null = null;
  let unknown: string | null = sectioned ? 'the line stands before the first section' : null;

  const open = (title: string): void => {
    [section, prefix, unknown] = [title, null, null];
  };
  const lose = (reason: string): { trouble: string } => {
    unknown = reason;
    return { trouble: reason };
  };

  const placeChild = (code: string): Placed => {
    if (unknown) return { trouble: unknown };
    const own = prefixOf(code);
    if (sectioned && own !== null) {
      const elsewhere = initials.has(initial(own)) && initial(own) !== initial(section!);
      if (prefix === null && elsewhere) return lose(`"${code}" is no code of the section "${section}"`);
      if (prefix !== null && own !== prefix)
        return lose(`"${code}" stands among codes that begin with "${prefix}_": a section's title may be missing`);
      prefix = own;
    }
    return { section, is_total: false };
  };

  return {
    place({ control, product }: Named): Placed {
      const sort = sortOfLine(control, product, known);
      if (!sectioned) return { section: null, is_total: false };
      if (allTitles) return lose('nearly all lines look like titles, so nothing tells which open a section');
      if (sort === 'unsure') return lose('nothing tells whether the line is a product or opens a section');
      if (sort === 'child') return placeChild(codeOf(control));
      open(normalised(product));
      return { section, is_total: true };
    },

    /** A line that cannot be read: opens the section that it surely does, or leaves the next ones without any. */
    spoilt(raw: readonly string[], { control, name, first_figure }: Places): void {
      if (!sectioned) return;
      const cells = raw.map(unquoted);
      const filled = cells.filter((cell) => cell !== '');
      const titles = new Set(filled.filter(isSectionTitle));
      const lost = 'a line above that may have opened a section cannot be read';
      if (titles.size > 0) {
        const [code, product] = [control === null ? null : (cells[control] ?? ''), cells[name] ?? ''];
        const own = new Set([code ?? '', product]);
        const sure =
          sortOfLine(code, product, known) === 'title' &&
          isSectionTitle(product) &&
          spoiltName((raw[name] ?? '').replaceAll('"', '')) === null &&
          (known.has(folded(product)) || withoutSpaces(code ?? '') === withoutSpaces(product)) &&
          !isTotal(product) &&
          !/\p{L}{3}/u.test(cells[first_figure] ?? '') &&
          cells.slice(first_figure).filter((cell) => /^\P{L}*\d\P{L}*$/u.test(cell)).length > 1 &&
          [...titles].every((title) => own.has(title)) &&
          filled.filter((cell) => titles.has(cell)).length <= 2;
        if (sure) open(product);
        else unknown = lost;
        return;
      }
      const words = filled.filter((cell) => /\p{L}{3}/u.test(cell));
      const isNote = filled.length === 1 && words.length === 1;
      const isChild = control === null ? words.length > 0 : filled.some((cell) => prefixOf(cell) !== null);
      if (filled.some(mayHoldTitle) || !(isNote || isChild)) unknown = lost;
    },

    /** Below a total of the whole file nothing is known to belong to the section above it. */
    close(): void {
      if (sectioned) unknown = 'the line stands below a total';
    },
  };
};
