import { decodeWindows1252 } from '@granary/tabular/csv/windows-1252';
import { type Chance, type Damage, onBytes, onTable, onText, type Sheet } from './damage.ts';

/** Rewrites some of the figures, one in `every`. */
const figures = (every: number, write: (figure: string, chance: Chance) => string): Damage =>
  onTable((sheet, chance) => {
    for (const cells of sheet.rows.slice(1))
      for (let i = sheet.first; i < cells.length; i++)
        if (/^\d+(,\d+)?$/.test(cells[i]) && chance.oneIn(every)) cells[i] = write(cells[i], chance);
  });

const grouped = (figure: string, mark: string): string => {
  const [whole, decimals] = figure.split(',');
  return whole.replace(/\B(?=(\d{3})+$)/g, mark) + (decimals ? (mark === ',' ? '.' : ',') + decimals : '');
};

/** Puts something into the text at a random place. */
const inserted = (piece: string): Damage =>
  onText((text, chance) => {
    const at = chance.below(text.length + 1);
    return text.slice(0, at) + piece + text.slice(at);
  });

const name = (change: (name: string) => string): Damage =>
  onTable((sheet: Sheet, chance) => {
    const cells = chance.pick(sheet.rows.slice(1));
    if (cells?.[sheet.name]) cells[sheet.name] = change(cells[sheet.name]);
  });

/** Some lines of a file in other bytes. */
const someLines = (change: (line: Buffer) => Buffer): Damage =>
  onBytes((bytes, chance) => {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.concat(
      lines.map((line, i) => {
        const own = Buffer.from(i < lines.length - 1 ? `${line}\n` : line, 'latin1');
        return chance.oneIn(4) ? change(own) : own;
      }),
    );
  });

const minus = (figure: string, chance: Chance): string =>
  chance.pick([`-${figure}`, `\u2212${figure}`, `(${figure})`, `${figure}-`, `- ${figure}`, `\u2013${figure}`]);
const MISSING = ['n.d.', 'N/D', 'nan', '#N/D', '...', '--', '\u2014', 'NULL', 'sem dado', 'x', '?'];
const PAGE = '<!DOCTYPE html>\n<html><body><h1>Erro</h1><p>1970;1971;1972</p></body></html>\n';

export const TEXT_DAMAGES: Readonly<Record<string, Damage>> = {
  'thousands with points': figures(1, (figure) => grouped(figure, '.')),
  'thousands with commas': figures(1, (figure) => grouped(figure, ',')),
  'thousands with spaces': figures(1, (figure) => grouped(figure, '\u00a0')),
  'some thousands with points': figures(4, (figure) => grouped(figure, '.')),
  'points for decimal commas': figures(1, (figure) => figure.replace(',', '.')),
  'all figures with decimals': figures(1, (figure) => (figure.includes(',') ? figure : `${figure},00`)),
  'all figures with three decimals': figures(1, (figure) => (figure.includes(',') ? figure : `${figure}.000`)),
  'figures in scientific notation': figures(6, (figure) => Number(figure.replace(',', '.')).toExponential()),
  'figures in full-width digits': figures(6, (f) => f.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)))),
  'figures with a minus': figures(8, minus),
  'figures with a unit': figures(8, (figure) => `${figure} kg`),
  'figures that are missing': figures(8, (_, chance) => chance.pick(MISSING)),
  'figures in quotes of a spreadsheet': figures(3, (figure) => `'${figure}`),
  'a quote that never closes': onText((text, chance, { delimiter }) => {
    const lines = text.split('\n');
    const at = 1 + chance.below(Math.max(1, lines.length - 2));
    const cells = (lines[at] ?? '').split(delimiter);
    const cell = chance.below(Math.min(3, cells.length));
    cells[cell] = `"${cells[cell]}`;
    lines[at] = cells.join(delimiter);
    return lines.join('\n');
  }),
  'a stray quote': inserted('"'),
  'a stray delimiter': onText((text, chance, { delimiter }) => {
    const at = text.indexOf('\n') + 1 + chance.below(text.length);
    return at > text.length ? text : text.slice(0, at) + delimiter + text.slice(at);
  }),
  'a stray line end': onText((text, chance) => {
    const at = text.indexOf('\n') + 1 + chance.below(text.length);
    return at > text.length ? text : `${text.slice(0, at)}\n${text.slice(at)}`;
  }),
  'everything in quotes': onTable((sheet) => {
    sheet.quoted = true;
  }),
  'lines end with CR LF': onText((text) => text.replaceAll('\n', '\r\n')),
  'lines end with CR': onText((text) => text.replaceAll('\n', '\r')),
  'some lines end with CR': onText((text, chance) => text.replace(/\n/g, () => (chance.oneIn(5) ? '\r' : '\n'))),
  'a BOM': onText((text) => `\ufeff${text}`),
  'a BOM in the middle': inserted('\ufeff'),
  'a NUL': inserted('\u0000'),
  'a space of no width': inserted('\u200b'),
  'a NUL in a name': name((text) => `${text.slice(0, 2)}\u0000${text.slice(2)}`),
  'a space of no width in a name': name((text) => `${text}\u200b`),
  'odd spaces in a name': name((text) => `\u00a0 ${text.replace(' ', '  ')} \t`.replace('\t', '')),
  'semicolons turned into commas': onText((text) => text.replaceAll(';', ',')),
  'one line with another delimiter': onText((text, chance, { delimiter }) => {
    const lines = text.split('\n');
    const at = chance.below(lines.length);
    lines[at] = lines[at].replaceAll(delimiter, delimiter === ';' ? ',' : ';');
    return lines.join('\n');
  }),
  'bars for delimiters': onTable((sheet) => {
    sheet.delimiter = '|';
  }),
  'a page of HTML': onText(() => PAGE),
  'a page of HTML behind the lines': onText((text) => text + PAGE),
  'the file is cut': onText((text, chance) => text.slice(0, 1 + chance.below(text.length))),
  'the beginning is cut': onText((text, chance) => text.slice(chance.below(text.length))),
  'the last line end is cut': onText((text) => text.trimEnd()),
  'Latin-1': onBytes((bytes) => Buffer.from(bytes.toString('utf8'), 'latin1')),
  'some lines in Latin-1': someLines((line) => Buffer.from(line.toString('utf8'), 'latin1')),
  'encoded twice': onBytes((bytes) => Buffer.from(decodeWindows1252(bytes))),
  'some lines encoded twice': someLines((line) => Buffer.from(decodeWindows1252(line))),
  'UTF-16': onBytes((bytes) => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le')),
  'UTF-16 of the other order': onBytes((bytes) => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le').swap16()),
  'UTF-16 without a BOM': onBytes((bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le')),
};
