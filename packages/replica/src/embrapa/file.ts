import { randomOf } from '../prng.ts';
import {
  EMBRAPA_FILES,
  FIRST_VINTAGE,
  type FileLayout,
  LAST_VINTAGE,
  layoutOf,
  vintageOfFile,
} from './file-layouts.ts';
import { figuresOf, totalsOf, valuesOf, written } from './made-figures.ts';
import {
  AMERICANAS,
  COMMERCE,
  COUNTRIES,
  PRODUCTION,
  type Section,
  TABLE_GRAPES,
  UNCLASSIFIED,
  VINIFERAS,
} from './made-names.ts';

/** A generated file before it is written out: cells as text, header first when there is one. */
export type FileTable = { layout: FileLayout; rows: readonly (readonly string[])[] };

/** `revision`: how often the publisher has corrected the newest figures since; 0 when not said. */
export type Edition = { seed: string; vintage: number; revision?: number };

const SECTIONS: Readonly<Record<string, readonly Section[]>> = {
  Producao: PRODUCTION,
  Comercio: COMMERCE,
  ProcessaViniferas: VINIFERAS,
  ProcessaAmericanas: AMERICANAS,
  ProcessaMesa: TABLE_GRAPES,
  ProcessaSemclass: UNCLASSIFIED,
};

/** Ids as uneven as the source's: in the grape files one is repeated and one is left out. */
const idOf = (name: string, row: number): string => {
  if (!name.startsWith('Processa')) return String(row);
  if (row === 11) return '29';
  return String(row > 11 && row < 14 ? row - 1 : row);
};

const sectionRows = (name: string, layout: FileLayout, edition: Edition): string[][] => {
  const last = layout.years.at(-1)!;
  const rows: string[][] = [];
  const decimals = name === 'ProcessaViniferas' || name === 'ProcessaAmericanas';
  const indent = name === 'Comercio' ? '  ' : name === 'ProcessaMesa' ? ' ' : '';
  const add = (control: string, product: string, figures: readonly number[], key: readonly string[]): void => {
    const cells = figures.map((figure, i) =>
      written(figure, [...key, layout.years[i]], decimals && layout.years[i] > 2015),
    );
    rows.push([idOf(name, rows.length + 1), ...(layout.control ? [control] : []), product, ...cells]);
  };
  for (const section of SECTIONS[name]) {
    const key = [edition.seed, name, section.title];
    const parts = section.products.map((product) =>
      figuresOf([...key, product], last, { magnitude: section.magnitude, idle: 0.2 }),
    );
    const own = figuresOf(key, last, { magnitude: section.magnitude, idle: 0 });
    add(section.control, section.title, parts.length > 0 ? totalsOf(key, parts) : own, key);
    section.products.forEach((product, i) => {
      add(`${section.prefix}${product.replaceAll(' ', '_')}`, `${indent}${product}`, parts[i], [...key, product]);
    });
  }
  return rows;
};

const tradeRows = (file: { name: string; countries?: number }, layout: FileLayout, edition: Edition): string[][] => {
  const wanted = file.countries ?? 20;
  // The same countries in every vintage: drawn by seed and name alone; a few with awkward names are always there.
  const always = ['África do Sul', 'Alemanha, República Democrática', 'Chile', 'Coreia do Sul, República', 'itália'];
  const others = COUNTRIES.filter((country) => !always.includes(country) && country !== 'Africa')
    .map((country) => ({ country, order: randomOf(edition.seed, file.name, country, 'listed').next() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, wanted - always.length - 3)
    .map(({ country }) => country);
  const listed = new Set([...always, ...others, 'Africa']);
  const countries = [...COUNTRIES.filter((country) => listed.has(country)), 'Não consta na tabela', 'Outros'];
  const imports = file.name.startsWith('Imp');
  return countries.map((country, row) => {
    const key = [edition.seed, file.name, country];
    const years = [...new Set(layout.years)];
    const quantities = figuresOf(key, layout.years.at(-1)!, {
      magnitude: imports ? 9e5 : 1e5,
      idle: imports ? 0.3 : 0.6,
    });
    const values = valuesOf(key, quantities);
    const seen = new Map<number, number>();
    const cells = layout.years.map((year) => {
      const nth = seen.get(year) ?? 0;
      seen.set(year, nth + 1);
      const i = years.indexOf(year);
      return written(nth % 2 === 0 ? quantities[i] : values[i], [...key, year, nth], false);
    });
    return [String(row + 1), country, ...cells];
  });
};

/**
 * Generates one of the 15 files.
 * @throws RangeError for a file or a vintage that the replica does not have.
 */
export const embrapaTable = (name: string, edition: Edition): FileTable => {
  const file = EMBRAPA_FILES.find((known) => known.name === name);
  if (!file)
    throw new RangeError(`There is no file ${name}; the replica has ${EMBRAPA_FILES.map((f) => f.name).join(', ')}.`);
  if (!Number.isInteger(edition.vintage) || edition.vintage < FIRST_VINTAGE || edition.vintage > LAST_VINTAGE)
    throw new RangeError(`The vintage is a year from ${FIRST_VINTAGE} to ${LAST_VINTAGE}, not ${edition.vintage}.`);
  const layout = layoutOf(file, vintageOfFile(name, edition.vintage));
  const data = file.kind === 'trade' ? tradeRows(file, layout, edition) : sectionRows(name, layout, edition);
  if (edition.revision) data[0]![data[0]!.length - 1] = String(1000 + edition.revision);
  const header = layout.header ? [[...layout.header, ...layout.years.map(String)]] : [];
  return { layout, rows: [...header, ...data] };
};

/** Writes a table as the source does: no quotes, LF, UTF-8 without a BOM. */
export const renderTable = ({ layout, rows }: FileTable): string =>
  rows.map((cells) => `${cells.join(layout.delimiter)}\n`).join('');

/** The bytes of one of the 15 files; the same edition always gives the same bytes. */
export const embrapaFile = (name: string, edition: Edition): Buffer =>
  Buffer.from(renderTable(embrapaTable(name, edition)));

/** When a file of this vintage was put on the site. */
export const embrapaModified = (name: string, edition: Edition): Date =>
  new Date(Date.UTC(vintageOfFile(name, edition.vintage) + 1, 2, 12, 10, 30 + (edition.revision ?? 0), 0));
