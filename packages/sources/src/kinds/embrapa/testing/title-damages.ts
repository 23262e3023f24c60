import { anyFigure, type Chance, type Damage, onHead, onTable, type Sheet } from './damage.ts';

/** Writes the titles of the years in another way. */
const spelt = (write: (year: string, nth: number) => string): Damage =>
  onTable(({ rows, first }) => {
    const seen = new Map<string, number>();
    rows[0] = rows[0].map((title, i) => {
      if (i < first) return title;
      const nth = seen.get(title) ?? 0;
      seen.set(title, nth + 1);
      return write(title, nth);
    });
  });

/** Changes one title of a year. */
const one = (change: (title: string, chance: Chance, sheet: Sheet) => string): Damage =>
  onTable((sheet, chance) => {
    const at = anyFigure(sheet, chance);
    sheet.rows[0][at] = change(sheet.rows[0][at] ?? '', chance, sheet);
  });

const fullWidth = (text: string): string => text.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)));

export const TITLE_DAMAGES: Readonly<Record<string, Damage>> = {
  'years as floats': spelt((year) => `${year}.0`),
  'years as floats with commas': spelt((year) => `${year},0`),
  'years with a thousands mark': spelt((year) => year.replace(/^(\d)/, '$1.')),
  'years with a space for thousands': spelt((year) => year.replace(/^(\d)/, '$1 ')),
  'years in two digits': spelt((year) => year.slice(2)),
  'years numbered by pandas': spelt((year, nth) => (nth === 0 ? year : `${year}.${nth}`)),
  'years as floats numbered by pandas': spelt((year, nth) => `${year}.0${nth === 0 ? '' : `.${nth}`}`),
  'years as R names them': spelt((year, nth) => `X${year}${nth === 0 ? '' : `.${nth}`}`),
  'years behind a word': spelt((year) => `Ano ${year}`),
  'years with spaces': spelt((year) => `  ${year}\u00a0`),
  'years in full-width digits': spelt(fullWidth),
  'years in scientific notation': spelt((year) => `${Number(year) / 1000}E+03`),
  'years as dates': spelt((year) => `${year}-12-31`),
  'years with units': spelt((year, nth) => `${year} (${nth === 0 ? 'kg' : 'US$'})`),
  'first year mistyped': onTable(({ rows, first }) => {
    rows[0][first] = (rows[0][first] ?? '').replace(/^.9|^20/, '10');
  }),
  'first year as another': onTable(({ rows, first }, chance) => {
    rows[0][first] = chance.pick(['1970', '1965', '1907', '2001']);
  }),
  'last year as another': onTable(({ rows }, chance) => {
    rows[0][rows[0].length - 1] = chance.pick(['2026', '2025', '2019', '2032']);
  }),
  'a year as another': one((_, chance) => String(1970 + chance.below(60))),
  'a year with a letter': one((title) => title.replace(/.$/, 'O')),
  'a year without a digit': one((title) => title.slice(0, 3)),
  'a year without its title': one(() => ''),
  'a year to come': one(() => '2091'),
  'two years change their titles': onTable((sheet, chance) => {
    const [a, b] = [anyFigure(sheet, chance), anyFigure(sheet, chance)];
    const [header] = sheet.rows;
    [header[a], header[b]] = [header[b], header[a]];
  }),
  'titles of years turned round': onTable(({ rows, first }) => {
    rows[0] = [...rows[0].slice(0, first), ...rows[0].slice(first).reverse()];
  }),
  'a title of a year is lost': onTable((sheet, chance) => {
    sheet.rows[0].splice(anyFigure(sheet, chance), 1);
  }),
  'a title of a year is there twice': onTable((sheet, chance) => {
    const at = anyFigure(sheet, chance);
    sheet.rows[0].splice(at, 0, sheet.rows[0][at] ?? '');
  }),
  'a blank title too many': onTable((sheet, chance) => {
    sheet.rows[0].splice(chance.below(sheet.rows[0].length + 1), 0, '');
  }),
  'the first title is lost': onTable(({ rows }) => {
    rows[0].shift();
  }),
  'the title of the name is lost': onTable(({ rows, name }) => {
    rows[0][name] = '';
  }),
  'titles in upper case': onTable(({ rows }) => {
    rows[0] = rows[0].map((title) => title.toUpperCase());
  }),
  'a delimiter behind the titles': onTable(({ rows }, chance) => {
    rows[0].push(...Array(1 + chance.below(3)).fill(''));
  }),
  'no header': onHead(({ rows }) => {
    rows.shift();
  }),
};
