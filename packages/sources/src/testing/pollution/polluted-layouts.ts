/** Pollutions of what stands around the rows: titles, notes, headers, further tables. */
import { CLEAN_ROWS, HEADER, OTHER_HEADER, otherRows } from './clean-table.ts';
import {
  CLEAN,
  cleanRecords,
  type ExpectedTable,
  expectedRows,
  fileOf,
  fileText,
  type PollutedFile,
  recordsText,
  recordText,
  withLines,
  withRecord,
} from './write-polluted.ts';

const COLUMNS = HEADER.length;
const pad = (text: string): string => text + ','.repeat(COLUMNS - 1);
const withHeader = (...headers: readonly (readonly string[])[]): ExpectedTable => ({ ...CLEAN, headers });
const body = (): string[] => cleanRecords().slice(1);

const PREAMBLES: Readonly<Record<string, readonly string[]>> = {
  'a title': ['Museums and libraries by place'],
  'a title and a blank line': ['Museums and libraries by place', ''],
  'a title and its delimiters': [pad('Museums and libraries by place')],
  'two titles': ['Museums and libraries', 'Checked on the third of May'],
  'a text with delimiters': ['This list, which the office keeps, is published each year', ''],
  'a quoted text': ['"This list, which the office keeps, is ""final"""', ''],
  'words and their values': ['Publisher,The office', 'Licence,CC BY 4.0', 'Period,2019 to 2025', ''],
  'words and their values, with all delimiters': [pad('Publisher,The office').slice(0, -1), pad('')],
  'many lines': Array.from({ length: 12 }, (_, line) => `Paragraph ${line + 1} of what the office says about the list`),
  'a line of delimiters': [pad('Museums'), pad('')],
};
const FOOTNOTES: Readonly<Record<string, readonly string[]>> = {
  'a source': ['Source: the office'],
  'a source behind a blank line': ['', 'Source: the office, 2026'],
  'a source and its delimiters': [pad('Source: the office')],
  'a sentence': ['Figures of the last year are not final'],
  'a note with a mark': ['* Closed for works', '(1) With the park'],
  'a quoted sentence': ['', '"Figures of the last year, and of the one before, are not final"'],
  'a sentence with delimiters': ['', 'Figures of the last year, and of the one before, are not final'],
  'words and their values': ['', 'Publisher,The office', 'Licence,CC BY 4.0'],
};

function* around(): Generator<PollutedFile> {
  for (const [variant, lines] of Object.entries(PREAMBLES))
    yield fileOf('lines above the table', variant, fileText(withLines(0, ...lines)));
  for (const [variant, lines] of Object.entries(FOOTNOTES))
    yield fileOf('lines below the table', variant, fileText(withLines(COLUMNS * 0 + CLEAN_ROWS.length + 1, ...lines)));
  for (const sep of ['sep=,', 'SEP=,', '"sep=,"'])
    yield fileOf('a line that says the delimiter', sep, fileText(withLines(0, sep)));
  const total = ['Total', '', '', '', '', '2001234', '3750.5', '', ''];
  yield fileOf('a row of totals', 'last', fileText(withLines(CLEAN_ROWS.length + 1, recordText(total))), [
    { ...CLEAN, rows: [...CLEAN.rows, { cells: total }] },
  ]);
}

function* sizes(): Generator<PollutedFile> {
  yield fileOf('nothing', 'no byte', '', []);
  yield fileOf('nothing', 'a line end', '\n', []);
  yield fileOf('nothing but a header', 'header', fileText(cleanRecords().slice(0, 1)), [{ ...CLEAN, rows: [] }]);
  yield fileOf('one row', 'first', fileText(cleanRecords().slice(0, 2)), [{ ...CLEAN, rows: CLEAN.rows.slice(0, 1) }]);
  yield fileOf('no line end at the end', 0, fileText(cleanRecords()).slice(0, -1));
  for (const lines of [1, 2, 5])
    yield fileOf('blank lines at the end', lines, `${fileText(cleanRecords())}${'\n'.repeat(lines)}`);
  for (const lines of [1, 2, 5])
    yield fileOf('blank lines at the beginning', lines, '\n'.repeat(lines) + fileText(cleanRecords()));
  yield fileOf('blank lines between all records', 1, fileText(cleanRecords(), { newline: '\n\n' } as never));
}

const LONG =
  'of which the office that keeps this list says that it was counted at the door by people who stood there all day long, whatever the weather';

function* headers(): Generator<PollutedFile> {
  const named = (variant: string, names: readonly string[]): PollutedFile =>
    fileOf('a header of another kind', variant, fileText(withRecord(0, recordText(names))), [withHeader(names)]);
  const replaced = (changes: Readonly<Record<number, string>>): string[] =>
    HEADER.map((name, column) => changes[column] ?? name);
  yield fileOf('no header', 0, fileText(body()), [withHeader([])]);
  yield named('years', replaced({ 5: '2024', 6: '2025' }));
  yield named('repeated names', replaced({ 6: 'Visitors', 8: 'Remarks' }));
  yield named('long names', replaced({ 5: `Visitors, ${LONG}`, 6: `Level, ${LONG}` }));
  yield named('names of two lines', replaced({ 5: 'Visitors\n(persons)', 6: 'Level\n(m)' }));
  yield named('a column without a name', replaced({ 8: '' }));
  yield named('the first column without a name', replaced({ 0: '' }));
  yield named('units', replaced({ 5: 'Visitors (persons)', 6: 'Level [m]' }));
  const groups = ['id', 'Postal code', 'Place', 'Hours', '', 'Figures', '', 'Remarks', 'Category'];
  const under = ['', '', '', 'Opened', 'Opens at', 'Visitors', 'Level', '', ''];
  const joined = groups.map((group, column) => {
    const above = group || (under[column] ? groups[column - 1]! : '');
    return [above, under[column]].filter((part) => part).join(' / ');
  });
  const several = (variant: string, rows: readonly (readonly string[])[], ...right: readonly (readonly string[])[]) =>
    fileOf('a header of several rows', variant, fileText([...recordsText(rows), ...body()]), [withHeader(...right)]);
  yield several('groups above', [groups, under], joined);
  const over = ['', '', '', 'Hours', '', 'Figures', '', '', ''];
  const names = HEADER.map((name, column) =>
    column === 3 || column === 4 ? `Hours / ${name}` : column === 5 || column === 6 ? `Figures / ${name}` : name,
  );
  yield several('groups above all names', [over, HEADER], names, HEADER);
  const third = ['', '', '', '', '', 'persons', 'm', '', ''];
  const three = joined.map((name, column) => (third[column] ? `${name} / ${third[column]}` : name));
  yield several('three rows', [groups, under, third], three);
  const units = third.map((unit) => (unit ? `(${unit})` : ''));
  const withUnits = HEADER.map((name, column) => (units[column] ? `${name} / ${units[column]}` : name));
  yield several('units below', [HEADER, units], withUnits);
  const bare = HEADER.map((name, column) => (third[column] ? `${name} / ${third[column]}` : name));
  yield several('units below, without brackets', [HEADER, third], bare);
  const counted = (of: (column: number) => string) => HEADER.map((_, column) => of(column + 1));
  for (const [variant, of] of [
    ['1', String],
    ['(1)', (column: number) => `(${column})`],
  ] as const)
    yield fileOf(
      'a row that numbers the columns',
      variant,
      fileText([...cleanRecords().slice(0, 1), recordText(counted(of)), ...body()]),
    );
}

const OTHER_WIDTHS = { less: 5, same: 9, more: 11 } as const;

function* tables(): Generator<PollutedFile> {
  for (const [width, columns] of Object.entries(OTHER_WIDTHS)) {
    const rows = otherRows(20, columns);
    const header = OTHER_HEADER.slice(0, columns);
    const other = recordsText([header, ...rows]);
    const both = [CLEAN, { headers: [header], rows: expectedRows(rows) }];
    const ways: Readonly<Record<string, readonly string[]>> = {
      'behind a blank line': [''],
      'behind a line of delimiters': [pad('')],
      'behind nothing': [],
      'under a title': ['', 'Ships of the port', ''],
    };
    for (const [way, between] of Object.entries(ways)) {
      yield fileOf(
        'a table below',
        `${width} columns, ${way}`,
        fileText([...cleanRecords(), ...between, ...other]),
        both,
      );
      yield fileOf('a table above', `${width} columns, ${way}`, fileText([...other, ...between, ...cleanRecords()]), [
        both[1]!,
        both[0]!,
      ]);
    }
    yield fileOf(
      'three tables',
      `${width} columns`,
      fileText([...cleanRecords(), '', ...other, '', ...cleanRecords()]),
      [...both, CLEAN],
    );
  }
  for (const [columns, count] of [
    [5, 20],
    [3, 84],
    [5, 84],
  ] as const) {
    const rows = otherRows(count, columns);
    const header = OTHER_HEADER.slice(0, columns);
    const side = [header, ...rows];
    const right = [CLEAN, { headers: [header], rows: expectedRows(rows) }];
    const beside = [HEADER, ...CLEAN_ROWS].map((cells, index) => [
      ...cells,
      '',
      ...(side[index] ?? header.map(() => '')),
    ]);
    yield fileOf('a table beside', `${count} rows, on the right`, fileText(recordsText(beside)), right);
    const left = [HEADER, ...CLEAN_ROWS].map((cells, index) => [
      ...(side[index] ?? header.map(() => '')),
      '',
      ...cells,
    ]);
    yield fileOf('a table beside', `${count} rows, on the left`, fileText(recordsText(left)), [right[1]!, right[0]!]);
  }
}

function* trailing(): Generator<PollutedFile> {
  for (const count of [1, 2, 3]) {
    const end = ','.repeat(count);
    const [header, ...rows] = cleanRecords();
    const ended = rows.map((row) => row + end);
    yield fileOf('delimiters at the end of the header', count, fileText([header! + end, ...rows]));
    yield fileOf('delimiters at the end of the rows', count, fileText([header!, ...ended]));
    yield fileOf('delimiters at the end of all records', count, fileText([header! + end, ...ended]));
  }
  yield fileOf('an empty first column', 1, fileText(cleanRecords().map((record) => `,${record}`)));
}

export function* pollutedLayouts(): Generator<PollutedFile> {
  yield* sizes();
  yield* around();
  yield* headers();
  yield* tables();
  yield* trailing();
}
