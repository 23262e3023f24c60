import { anyFigure, anyLine, type Damage, onHead, onTable, type Sheet } from './damage.ts';

/** Does it to one line. */
const oneLine = (change: (cells: string[], sheet: Sheet, at: number) => string[]): Damage =>
  onTable((sheet, chance) => {
    const line = anyLine(sheet, chance);
    if (sheet.rows[line]) sheet.rows[line] = change(sheet.rows[line], sheet, anyFigure(sheet, chance));
  });

const insertLine = (make: (sheet: Sheet) => string[]): Damage =>
  onTable((sheet, chance) => {
    sheet.rows.splice(anyLine(sheet, chance), 0, make(sheet));
  });

const isTitle = ({ name }: Sheet, cells: readonly string[]): boolean =>
  cells[name] !== undefined && cells[name] === cells[name].toUpperCase() && !/\d/.test(cells[name]);

/** Does it to each line that opens a section. */
const titles = (change: (cells: string[], sheet: Sheet) => void): Damage =>
  onTable((sheet) => {
    if (sheet.kind === 'trade') return;
    for (const cells of sheet.rows.slice(1)) if (isTitle(sheet, cells)) change(cells, sheet);
  });

const padded = ({ rows, name }: Sheet, text: string): string[] => rows[0].map((_, i) => (i === name ? text : ''));

/** A line of a total, with figures of its own that belong to nobody but it. */
const totalLine = (sheet: Sheet, word: string): string[] => {
  const { rows, first, name, kind } = sheet;
  let value = word === 'Total' ? 3_000_000_000 : 4_000_000_000;
  return rows[0].map((title, i) => {
    if (i === name) return word;
    if (i < first) return '';
    value += 7;
    if (!/^\d{4}$/.test(title)) return 'nd';
    if (kind === 'production') sheet.added.set(value, { section: null, name: word, year: Number(title), field: 0 });
    return String(value);
  });
};

export const LINE_DAMAGES: Readonly<Record<string, Damage>> = {
  'a delimiter is lost': onTable((sheet, chance) => {
    const cells = sheet.rows[anyLine(sheet, chance)];
    const at = chance.below(Math.max(1, (cells?.length ?? 1) - 1));
    if (cells && cells.length > at + 1) cells.splice(at, 2, `${cells[at]}${cells[at + 1]}`);
  }),
  'a delimiter too many': oneLine((cells, _, at) => [...cells.slice(0, at), '', ...cells.slice(at)]),
  'a figure is cut in two': oneLine((cells, _, at) =>
    cells.flatMap((cell, i) => (i === at && cell.length > 2 ? [cell.slice(0, 2), cell.slice(2)] : [cell])),
  ),
  'a line is cut short': oneLine((cells, _, at) => cells.slice(0, at)),
  'a line is cut within its names': oneLine((cells, { name }) =>
    cells.slice(0, name + 1).map((cell, i) => (i === name ? cell.slice(0, 4) : cell)),
  ),
  'a line has moved to the right': oneLine((cells) => ['', ...cells.slice(0, -1)]),
  'a line has moved to the left': oneLine((cells) => [...cells.slice(1), '']),
  'a line without a name': oneLine((cells, { name }) => cells.map((cell, i) => (i === name ? '' : cell))),
  'two lines are one': onTable((sheet, chance) => {
    const at = anyLine(sheet, chance);
    if (sheet.rows[at + 1]) sheet.rows.splice(at, 2, [...sheet.rows[at], ...sheet.rows[at + 1]]);
  }),
  'two lines are one, cells glued': onTable((sheet, chance) => {
    const at = anyLine(sheet, chance);
    const [one, two] = [sheet.rows[at], sheet.rows[at + 1]];
    if (two) sheet.rows.splice(at, 2, [...one.slice(0, -1), `${one.at(-1)}${two[0]}`, ...two.slice(1)]);
  }),
  'a line is there twice': onTable((sheet, chance) => {
    const at = anyLine(sheet, chance);
    if (sheet.rows[at]) sheet.rows.splice(at, 0, [...sheet.rows[at]]);
  }),
  'a line is there twice with other figures': onTable((sheet, chance) => {
    const at = anyLine(sheet, chance);
    const cells = sheet.rows[at];
    if (cells)
      sheet.rows.splice(
        at,
        0,
        cells.map((cell, i) => (i < sheet.first ? cell : String(700 + i))),
      );
  }),
  'the file pasted twice': onTable((sheet) => {
    sheet.rows.push(...sheet.rows.map((cells) => [...cells]));
  }),
  'the lines pasted twice': onTable((sheet) => {
    sheet.rows.push(...sheet.rows.slice(1).map((cells) => [...cells]));
  }),
  'the header again in the middle': onTable((sheet, chance) => {
    sheet.rows.splice(anyLine(sheet, chance), 0, [...sheet.rows[0]]);
  }),
  'another header in the middle': onTable((sheet, chance) => {
    const { first } = sheet;
    const other = sheet.rows[0].map((title, i) =>
      i < first ? title : title.replace(/\d{4}/, (year) => String(Number(year) - 3)),
    );
    sheet.rows.splice(anyLine(sheet, chance), 0, other);
  }),
  'blank lines': insertLine(() => []),
  'lines of delimiters': insertLine(({ rows }) => rows[0].map(() => '')),
  'a footer': onTable(({ rows }) => {
    rows.push(['Fonte: Embrapa Uva e Vinho']);
  }),
  'a note among the lines': insertLine(() => ['Nota: dados preliminares']),
  'a padded note among the lines': insertLine((sheet) => padded(sheet, 'Fonte: Embrapa')),
  'a padded note in upper case': insertLine((sheet) => padded(sheet, 'FONTE: EMBRAPA')),
  'a total at the end': onTable((sheet) => {
    sheet.rows.push(totalLine(sheet, 'Total'));
  }),
  'a total in upper case among the lines': insertLine((sheet) => totalLine(sheet, 'TOTAL GERAL')),
  'a line of units': onHead((sheet) => {
    const { rows, first, kind } = sheet;
    rows.splice(
      1,
      0,
      rows[0].map((_, i) => (i < first ? '' : kind === 'trade' && (i - first) % 2 ? 'US$' : 'kg')),
    );
  }),
  'lines of titles above': onHead(({ rows }, chance) => {
    rows.unshift([chance.pick(['Produção de vinhos', 'Tabela 1 - Ano 1980', '1970 a 2023'])]);
  }),
  'a wide title above': onHead(({ rows }) => {
    rows.unshift(rows[0].map((_, i) => (i === 0 ? 'Tabela' : i === 3 ? 'Ano 1980' : '')));
  }),
  'years in a second line of titles': onHead(({ rows, first }) => {
    const [header] = rows;
    rows.splice(
      0,
      1,
      header.map((title, i) => (i < first ? title : i === first ? 'Ano' : '')),
      header.map((title, i) => (i < first ? '' : title)),
    );
  }),
  'section titles in lower case': titles((cells, { control, name }) => {
    cells[name] = cells[name].toLowerCase();
    if (control >= 0) cells[control] = cells[control].toLowerCase();
  }),
  'a section title in lower case': onTable((sheet, chance) => {
    const lines = sheet.rows.slice(1).filter((cells) => sheet.kind === 'production' && isTitle(sheet, cells));
    if (lines.length === 0) return;
    const cells = chance.pick(lines);
    cells[sheet.name] = cells[sheet.name].toLowerCase();
    if (sheet.control >= 0) cells[sheet.control] = cells[sheet.control].toLowerCase();
  }),
  'section controls as a nought': titles((cells, { control }) => {
    if (control >= 0) cells[control] = '0';
  }),
  'section controls as nan': titles((cells, { control }) => {
    if (control >= 0) cells[control] = 'nan';
  }),
  'section controls as a dash': titles((cells, { control }) => {
    if (control >= 0) cells[control] = '-';
  }),
  'the first section is without its title': onTable((sheet) => {
    if (sheet.kind === 'production') sheet.rows.splice(1, 1);
  }),
  'delimiters behind the lines': onTable(({ rows }, chance) => {
    const more = Array(1 + chance.below(3)).fill('');
    for (const cells of rows.slice(1)) cells.push(...more);
  }),
  'delimiters behind all lines': onTable(({ rows }) => {
    for (const cells of rows) cells.push('');
  }),
  'delimiters behind some lines': onTable(({ rows }, chance) => {
    for (const cells of rows) if (chance.oneIn(3)) cells.push('');
  }),
};
