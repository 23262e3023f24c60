/** Pollutions of one record: at every row, and at every column where that applies. */
import { CLEAN_ROWS, HEADER } from './clean-table.ts';
import {
  cellText,
  cleanRecords,
  type ExpectedTable,
  fileOf,
  fileText,
  type PollutedFile,
  recordText,
  USUAL,
  withLines,
  withRecord,
  withRow,
} from './write-polluted.ts';

const COLUMNS = HEADER.length;
const ALL = [HEADER, ...CLEAN_ROWS];
/** Cells of a record as text. */
const piecesOf = (record: number): string[] => ALL[record]!.map((cell) => cellText(cell, USUAL));

/**
 * What is right when a record is damaged: of a row, its cells as they stand if there are nine, or else (and also then)
 * that it is in quarantine; of the header, its names as they stand, or that no column has a name.
 */
const damaged = (record: number, text: string, cells: readonly string[]): ExpectedTable =>
  record === 0
    ? { ...withRow(-1, { cells: [] }), headers: [HEADER, cells, []] }
    : withRow(record - 1, { cells, or_quarantined: text });

const one = (kind: string, record: number, variant: string, text: string, cells: readonly string[]): PollutedFile =>
  fileOf(kind, `record ${record}, ${variant}`, fileText(withRecord(record, text)), [damaged(record, text, cells)]);

const at = <T>(items: readonly T[], index: number, ...replaced: readonly T[]): T[] => [
  ...items.slice(0, index),
  ...replaced,
  ...items.slice(index + 1),
];

function* missingDelimiters(): Generator<PollutedFile> {
  for (const record of ALL.keys())
    for (let column = 1; column < COLUMNS; column++) {
      const pieces = piecesOf(record);
      const joined = pieces[column - 1]! + pieces[column]!;
      const text = [...pieces.slice(0, column - 1), joined, ...pieces.slice(column + 1)].join(',');
      const cells = [...ALL[record]!.slice(0, column - 1), joined, ...ALL[record]!.slice(column + 1)];
      yield one('a delimiter is missing', record, `column ${column}`, text, cells);
    }
}

function* extraDelimiters(): Generator<PollutedFile> {
  for (const record of ALL.keys())
    for (let column = 0; column <= COLUMNS; column++) {
      const pieces = piecesOf(record);
      const text = [...pieces.slice(0, column), '', ...pieces.slice(column)].join(',');
      const cells = [...ALL[record]!.slice(0, column), '', ...ALL[record]!.slice(column)];
      // Behind the last cell it changes nothing.
      const own = column === COLUMNS ? ALL[record]! : cells;
      const kind = column === COLUMNS ? 'a delimiter at the end of a record' : 'a delimiter too many';
      yield one(kind, record, `column ${column}`, text, own);
    }
}

/** A quote where none belongs: the cell is what stands there, or the row is in quarantine. */
function* extraQuotes(): Generator<PollutedFile> {
  for (const record of ALL.keys())
    for (let column = 0; column < COLUMNS; column++) {
      const cell = ALL[record]![column]!;
      const piece = piecesOf(record)[column]!;
      const half = Math.ceil(piece.length / 2);
      const ways: [string, string][] = [
        ['a quote too many before a cell', `"${piece}`],
        ['a quote too many in a cell', `${piece.slice(0, half)}"${piece.slice(half)}`],
        ['a quote too many behind a cell', `${piece}"`],
      ];
      for (const [kind, written] of ways) {
        // Of one without a cell nothing is left but the quote.
        if (cell === '' && kind === 'a quote too many in a cell') continue;
        const text = at(piecesOf(record), column, written).join(',');
        yield one(kind, record, `column ${column + 1}`, text, at(ALL[record]!, column, written));
      }
    }
}

function* widths(): Generator<PollutedFile> {
  for (const record of ALL.keys()) {
    const cells = ALL[record]!;
    const short = cells.slice(0, -1);
    yield one('a row of one cell less', record, '', recordText(short), short);
    const long = [...cells, 'more'];
    yield one('a row of one cell more', record, '', recordText(long), long);
  }
}

const COMMENTS = [
  '# checked by the office',
  '# checked, and found "right", by the office',
  "# don't use, see below; #2",
];

function* lines(): Generator<PollutedFile> {
  const empty = ','.repeat(COLUMNS - 1);
  for (let before = 0; before <= ALL.length; before++) {
    yield fileOf('a blank line', before, fileText(withLines(before, '')));
    yield fileOf('a line of delimiters', before, fileText(withLines(before, empty)));
    for (const [index, comment] of COMMENTS.entries())
      yield fileOf('a comment line', `${before}, ${index + 1}`, fileText(withLines(before, comment)));
  }
}

/** One record of another line end than the file's, which has to be found in it. */
function* lineEnds(): Generator<PollutedFile> {
  for (const [kind, usual, other] of [
    ['a line end of CR among LF', '\n', '\r'],
    ['a line end of CR LF among LF', '\n', '\r\n'],
    ['a line end of LF among CR LF', '\r\n', '\n'],
    ['a line end of CR among CR LF', '\r\n', '\r'],
  ] as const)
    for (const record of ALL.keys()) {
      const text = cleanRecords().map((own, index) => own + (index === record ? other : usual));
      yield fileOf(kind, record, text.join(''));
    }
}

function* blanksBeforeQuotes(): Generator<PollutedFile> {
  for (const record of ALL.keys())
    for (const [column, piece] of piecesOf(record).entries()) {
      if (!piece.startsWith('"')) continue;
      const text = at(piecesOf(record), column, ` ${piece}`).join(',');
      // The cell without the blank is right, and so is the quarantine: by the letter the quotes are part of the cell.
      yield one('a blank before a quote', record, `column ${column + 1}`, text, ALL[record]!);
    }
}

function* otherEncodings(): Generator<PollutedFile> {
  for (const record of ALL.keys()) {
    const own = cleanRecords().map((text, index) => Buffer.from(`${text}\n`, index === record ? 'latin1' : 'utf8'));
    if (/[^\n -~]/.test(cleanRecords()[record]!))
      yield fileOf('a line in another encoding', record, Buffer.concat(own));
  }
}

export function* pollutedRecords(): Generator<PollutedFile> {
  yield* missingDelimiters();
  yield* extraDelimiters();
  yield* extraQuotes();
  yield* widths();
  yield* lines();
  yield* lineEnds();
  yield* blanksBeforeQuotes();
  yield* otherEncodings();
}
