/** The clean table in other forms of text: delimiters, quotes, escapes, line ends, encodings, figures. */
import { CLEAN_ROWS, HEADER } from './clean-table.ts';
import {
  CLEAN,
  cleanRecords,
  type ExpectedTable,
  encodedTwice,
  expectedRows,
  type Form,
  fileOf,
  fileText,
  type PollutedFile,
  recordsText,
  USUAL,
} from './write-polluted.ts';

const written = (changes: Partial<Form>): string => {
  const form = { ...USUAL, ...changes };
  return fileText(cleanRecords(form), form);
};

const QUOTINGS = ['needed', 'all'] as const;
/** Single characters that a byte-level reader may not know, and several characters. */
const DELIMITERS: Readonly<Record<string, readonly string[]>> = {
  'another usual delimiter': [';', '\t', '|'],
  'a delimiter and a blank': [', ', '; ', '| '],
  'blanks as delimiter': [' ', '  '],
  'a rare delimiter': ['^', '~', '\u0001', '¦'],
  'a delimiter of several characters': ['||', ';;', '::', '~|~', ' | ', '|;|', '<>', ' ; '],
};

function* delimiters(): Generator<PollutedFile> {
  for (const [kind, each] of Object.entries(DELIMITERS))
    for (const delimiter of each)
      for (const quoting of QUOTINGS)
        yield fileOf(kind, `${JSON.stringify(delimiter)}, quotes: ${quoting}`, written({ delimiter, quoting }));
}

function* quotes(): Generator<PollutedFile> {
  for (const delimiter of [',', ';', '\t', '|'])
    for (const quoting of QUOTINGS) {
      const variant = `${JSON.stringify(delimiter)}, quotes: ${quoting}`;
      if (quoting === 'all' || delimiter !== ',')
        yield fileOf('quotes around every cell', variant, written({ delimiter, quoting: 'all' }));
      yield fileOf("' as quote", variant, written({ delimiter, quoting, quote: "'" }));
      yield fileOf('a backslash before quotes', variant, written({ delimiter, quoting, escape: 'backslash' }));
      yield fileOf(
        "' as quote, a backslash before it",
        variant,
        written({ delimiter, quoting, quote: "'", escape: 'backslash' }),
      );
    }
  const spaced = (before: string, after: string): string =>
    fileText(
      cleanRecords({ ...USUAL, quoting: 'all' }).map((record) =>
        record.replaceAll('","', `"${after},${before}"`).replaceAll('"""', '"""'),
      ),
    );
  yield fileOf('blanks around quotes', 'before', spaced(' ', ''));
  yield fileOf('blanks around quotes', 'behind', spaced('', ' '));
  yield fileOf('blanks around quotes', 'both', spaced(' ', ' '));
  yield fileOf(
    'blanks around quotes',
    'before, where they are needed',
    fileText(cleanRecords().map((record) => record.replaceAll(',"', ', "'))),
  );
}

function* lineEnds(): Generator<PollutedFile> {
  yield fileOf('other line ends', 'CR LF', written({ newline: '\r\n' }));
  yield fileOf('other line ends', 'CR', written({ newline: '\r' }).replaceAll('\n', '\r'));
  const ends = ['\n', '\r\n', '\r'];
  for (const count of [2, 3])
    yield fileOf(
      'line ends in turns',
      count,
      cleanRecords()
        .map((record, index) => record + ends[index % count]!)
        .join(''),
    );
}

const swap16 = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

function* encodings(): Generator<PollutedFile> {
  const text = written({});
  const utf16 = Buffer.from(text, 'utf16le');
  const bytes: Readonly<Record<string, Buffer>> = {
    'UTF-8 with a BOM': Buffer.from(`\ufeff${text}`),
    'windows-1252': Buffer.from(text, 'latin1'),
    'UTF-16 LE': utf16,
    'UTF-16 BE': swap16(utf16),
    'UTF-16 LE with a BOM': Buffer.from(`\ufeff${text}`, 'utf16le'),
    'UTF-16 BE with a BOM': swap16(Buffer.from(`\ufeff${text}`, 'utf16le')),
    'UTF-8 encoded twice': Buffer.from(encodedTwice(text)),
  };
  for (const [variant, own] of Object.entries(bytes)) yield fileOf('another encoding', variant, own);
}

/** The clean table with one column written otherwise; its values are those of `right`. */
const figures = (
  variant: string,
  column: number,
  write: (cell: string) => string,
  right: (cell: string) => string = (cell) => cell,
  form: Partial<Form> = {},
): PollutedFile => {
  const change = (of: (cell: string) => string) =>
    CLEAN_ROWS.map((cells) =>
      cells.map((cell, index) => (index === column && cell !== '' && cell !== 'n/a' ? of(cell) : cell)),
    );
  const table: ExpectedTable = { ...CLEAN, rows: expectedRows(change(right)) };
  const own = { ...USUAL, ...form };
  return fileOf(
    'figures and dates of other forms',
    variant,
    fileText(recordsText([HEADER, ...change(write)], own), own),
    [table],
  );
};

const grouped = (cell: string, mark: string): string => cell.replace(/\B(?=(\d{3})+$)/g, mark);
const VISITORS = 5;
const LEVEL = 6;
const OPENED = 3;

function* forms(): Generator<PollutedFile> {
  const comma = (cell: string): string => cell.replace('.', ',');
  yield figures('decimal commas', LEVEL, comma, undefined, { delimiter: ';' });
  yield figures('decimal commas in quotes', LEVEL, comma);
  for (const mark of [',', ' ', "'", '\u00a0', '\u202f', '\u2009'])
    yield figures(
      `thousands by U+${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
      VISITORS,
      (cell) => grouped(`1${cell}000`, mark),
      (cell) => `1${cell}000`,
    );
  yield figures(
    'a minus of U+2212',
    LEVEL,
    (cell) => `\u2212${cell}`,
    (cell) => `-${cell}`,
  );
  yield figures(
    'a minus behind',
    LEVEL,
    (cell) => `${cell}-`,
    (cell) => `-${cell}`,
  );
  yield figures('percent', LEVEL, (cell) => `${cell}%`);
  yield figures('currency', LEVEL, (cell) => `€ ${cell}`);
  yield figures(
    'exponents',
    LEVEL,
    (cell) => Number(cell).toExponential(),
    (cell) => cell,
  );
  yield figures(
    'integers beyond 2^53',
    VISITORS,
    (cell) => `9007199254${cell.padStart(6, '7')}`,
    (cell) => `9007199254${cell.padStart(6, '7')}`,
  );
  yield figures(
    'moments',
    OPENED,
    (cell) => `${cell}T08:30`,
    (cell) => `${cell}T08:30:00.000Z`,
  );
  yield figures(
    'moments with seconds',
    OPENED,
    (cell) => `${cell} 08:30:15`,
    (cell) => `${cell}T08:30:15.000Z`,
  );
  yield figures('days with the day first', OPENED, (cell) => cell.split('-').reverse().join('/'));
  yield figures(
    'days of unknown order',
    OPENED,
    (cell) => cell.replace(/^(\d+)-(\d+)-\d+$/, '$2/03/$1'),
    (cell) => cell.replace(/^(\d+)-(\d+)-\d+$/, '$2/03/$1'),
  );
  for (const marker of ['-', '..', 'NULL', 'nd', 'NaN', '…'])
    yield fileOf(
      'markers of missing figures',
      marker,
      fileText(
        recordsText([
          HEADER,
          ...CLEAN_ROWS.map((cells) =>
            cells.map((cell, column) => (column === LEVEL && cell === 'n/a' ? marker : cell)),
          ),
        ]),
      ),
    );
}

export function* pollutedForms(): Generator<PollutedFile> {
  yield fileOf('none', 'clean', written({}));
  yield* delimiters();
  yield* quotes();
  yield* lineEnds();
  yield* encodings();
  yield* forms();
}
