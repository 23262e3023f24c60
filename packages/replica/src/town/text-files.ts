/** The office's CSV files, each odd in a way of its own. */
import { cellsOf, comma, csvOf, DISTRICTS, dayFirst, grouped, HEADER, quotedFor, rowsOf } from './made-rows.ts';
import { type TownFile, textFile } from './town-file.ts';

const ALL = { rows: [48] };
const semicolons = { delimiter: ';', figure: comma };

/** `§` and the euro sign are windows-1252's own. */
const windows1252 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (c) => (c === '€' ? 0x80 : (c.codePointAt(0) as number))));

/** Years as columns, each over two: a header of two rows. */
const twoRowHeader = (): string => {
  const [first, second] = [
    ['', ''],
    ['district', 'postcode'],
  ];
  for (const year of [2021, 2022, 2023]) {
    first.push(String(year), '');
    second.push('households', 'spending');
  }
  const lines = DISTRICTS.map((district, n) => {
    const years = [0, 1, 2].flatMap((at) => {
      const { households, spending } = rowsOf('years')[(n + at * 12) % 48]!;
      return [String(households), String(spending)];
    });
    return [quotedFor(',')(district), `0${4000 + n}`, ...years].join(',');
  });
  return `${[first.join(','), second.join(','), ...lines].join('\n')}\n`;
};

const twoTables = (): string => {
  const staff = DISTRICTS.map((district, n) => `${quotedFor(',')(district)},${12 + n},${n % 3}`);
  return `${csvOf(rowsOf('stacked', 24))}\n\nname,posts,vacant\n${staff.join('\n')}\n`;
};

const ragged = (): string => {
  const lines = csvOf(rowsOf('ragged')).trimEnd().split('\n');
  lines[10] += ',left over';
  lines[20] = lines[20]!.split(',').slice(0, 3).join(',');
  return `${lines.join('\n')}\n`;
};

const damagedFigures = (): string =>
  csvOf(rowsOf('figures'), { figure: (value) => (value > 900_000 ? 'see note' : String(value)) });

export const TEXT_FILES: readonly TownFile[] = [
  textFile('spending.csv', 'nothing', () => csvOf(rowsOf('plain')), ALL),
  textFile('spending-semicolons.csv', 'semicolons, decimal commas', () => csvOf(rowsOf('semicolons'), semicolons), ALL),
  textFile(
    'spending-latin1.csv',
    'ISO 8859-1',
    () => Buffer.from(csvOf(rowsOf('latin1'), { ...semicolons, date: dayFirst }), 'latin1'),
    ALL,
  ),
  textFile(
    'spending-windows.csv',
    'windows-1252, CR LF, a euro sign',
    () =>
      windows1252(
        csvOf(rowsOf('windows'), { ...semicolons, line_end: '\r\n', figure: (value) => `${comma(value)} €` }),
      ),
    ALL,
  ),
  textFile(
    'spending-utf16.txt',
    'UTF-16 with a byte order mark, tabs',
    () => Buffer.from(`\ufeff${csvOf(rowsOf('utf16'), { delimiter: '\t' })}`, 'utf16le'),
    ALL,
  ),
  textFile('spending-bom.csv', 'UTF-8 with a byte order mark', () => `\ufeff${csvOf(rowsOf('bom'))}`, ALL),
  textFile('spending-pipes.csv', 'pipes', () => csvOf(rowsOf('pipes'), { delimiter: '|' }), ALL),
  textFile('spending-sep.csv', 'a line sep=; first', () => `sep=;\r\n${csvOf(rowsOf('sep'), semicolons)}`, ALL),
  textFile(
    'spending-thousands.csv',
    'marks between thousands, days first',
    () => csvOf(rowsOf('thousands'), { delimiter: ';', figure: grouped, date: dayFirst }),
    ALL,
  ),
  textFile(
    'spending-titled.csv',
    'a title above, notes below',
    () =>
      `Town of Porto Claro;;;;;\nSpending by district;;;;;\n;;;;;\n${csvOf(rowsOf('titled'), semicolons)}` +
      ';;;;;\nSource: Office of Statistics;;;;;\n(1) Preliminary;;;;;\n',
    ALL,
  ),
  textFile(
    'spending-trailing.csv',
    'a delimiter at the end of each line',
    () => csvOf(rowsOf('trailing')).replaceAll('\n', ',\n'),
    ALL,
  ),
  textFile('spending-by-year.csv', 'a header of two rows', twoRowHeader, { rows: [12] }),
  textFile('spending-and-staff.csv', 'two tables below each other', twoTables, { rows: [24, 12] }),
  textFile('spending-ragged.csv', 'a cell too many, three too few', ragged, { rows: [46], quarantined: 2 }),
  textFile(
    'spending-apostrophes.csv',
    "quotes that are '",
    () => csvOf(rowsOf('apostrophes'), { text: (value) => `'${value}'` }),
    ALL,
  ),
  textFile(
    'spending-backslashes.csv',
    'quotes behind backslashes',
    () => csvOf(rowsOf('backslashes'), { text: (value) => `"${value.replaceAll('"', '\\"')}"` }),
    ALL,
  ),
  textFile(
    'spending-comments.csv',
    'lines of comments',
    () => `# Office of Statistics\n# Figures in euro\n${csvOf(rowsOf('comments'))}`,
    ALL,
  ),
  textFile(
    'spending-units.csv',
    'units in the header',
    () =>
      csvOf(rowsOf('units'), {}, ['district', 'postcode', 'year', 'households (number)', 'spending (EUR)', 'opened']),
    ALL,
  ),
  textFile(
    'spending-missing.csv',
    'words for what is not there',
    () => csvOf(rowsOf('missing')).replaceAll(/,(\d+)\.(\d)7,/g, ',n/a,'),
    ALL,
  ),
  textFile('spending-notes.csv', 'words among figures', damagedFigures, ALL),
  textFile(
    'spending-blank-lines.csv',
    'blank lines between rows',
    () =>
      csvOf(rowsOf('blank'))
        .split('\n')
        .map((line, n) => (n % 9 === 4 ? `${line}\n` : line))
        .join('\n'),
    ALL,
  ),
  textFile(
    'spending-no-header.csv',
    'no header',
    () =>
      rowsOf('headless')
        .map((row) => cellsOf(row, {}).join(','))
        .join('\n'),
    ALL,
  ),
  textFile(
    'spending-numbered.csv',
    'a row that numbers the columns',
    () => csvOf(rowsOf('numbered'), semicolons).replace('\n', `\n${HEADER.map((_, n) => n + 1).join(';')}\n`),
    ALL,
  ),
  textFile(
    'spending-arabic.csv',
    'text from right to left',
    () => csvOf(rowsOf('rtl')).replaceAll('Centro', 'وسط المدينة'),
    ALL,
  ),
  textFile('login.csv', 'a page to sign in, named .csv', () => LOGIN, { refused: /^The page holds no table|HTML/ }),
  textFile('empty.csv', 'nothing in it', () => '', { refused: /^The file is empty/ }),
  textFile('picture.csv', 'a picture, named .csv', () => PNG, { refused: /^The file is binary/ }),
];

const LOGIN =
  '<!doctype html><html><head><title>Sign in</title></head><body><form><input name="user"></form></body></html>\n';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
