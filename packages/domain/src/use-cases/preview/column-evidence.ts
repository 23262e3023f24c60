import { cellAt } from '@granary/tabular/cells';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { formatDate, formatTimestamp } from '@granary/tabular/dates';
import type { Batch, Column, Dialect, Field } from '@granary/tabular/table';

/** What a column becomes, and why. */
export type PreviewedColumn = Field & {
  /** A sentence about all rows that were read. */
  why: string;
  /** Rows that have a value, and rows that have none. */
  values: number;
  missing: number;
};

type Seen = { text: string; line: number };
type Evidence = {
  values: number;
  missing: number;
  least: number | bigint | undefined;
  most: number | bigint | undefined;
  /** Values that are words, counted up to {@link ENOUGH}. */
  words: number;
  /** Values of text: the first that has letters, the first that begins as codes do, and the first at all. */
  word?: Seen;
  code?: Seen;
  first?: Seen;
};

const FIGURES: Partial<Record<Field['type'], string>> = {
  int32: 'whole numbers',
  int64: 'whole numbers',
  double: 'figures',
};

/** Doubts about what the cells of a column mean. */
const ABOUT_VALUES: ReadonlySet<string> = new Set(['figures', 'dates', 'units']);

/** Gathers, of the rows that are read, what the types of their columns rest on. */
export const columnEvidence = (fields: readonly Field[]) => {
  const all = fields.map((): Evidence => ({ values: 0, missing: 0, words: 0, least: undefined, most: undefined }));
  const place = fields.findIndex(({ name }) => name === 'line');
  return {
    add(batch: Batch): void {
      const lines = batch.columns[place];
      const lineOf = (row: number): number => (lines?.type === 'int32' ? lines.values[row]! : 0);
      for (const [index, column] of batch.columns.entries()) addColumn(all[index]!, column, batch.rows, lineOf);
    },
    /** `declared`: names of the columns whose types the source declares. */
    columns: (dialect: Dialect | undefined, declared: ReadonlySet<string>): PreviewedColumn[] =>
      fields.flatMap((field, index) => {
        if (isProvenance(field.name)) return [];
        const { values, missing } = all[index]!;
        const unsure = dialect?.uncertain?.find(({ about, column }) => ABOUT_VALUES.has(about) && column === index + 1);
        const reason = declared.has(field.name)
          ? 'The source declares it.'
          : unsure
            ? `Its values may be read in several ways: ${unsure.readings.join(', or ')}. ${unsure.decide}`
            : [reasonOf(field, all[index]!), field.description].filter((part) => part).join(' ');
        const none = values > 0 && missing > 0 ? ` ${missing} of ${values + missing} rows have none.` : '';
        return [{ ...field, why: `${reason}${none}`, values, missing }];
      }),
  };
};

const addColumn = (of: Evidence, column: Column, rows: number, lineOf: (row: number) => number): void => {
  if (column.type === 'string') {
    addTexts(of, column, rows, lineOf);
    return;
  }
  const { values, valid } = column;
  for (let row = 0; row < rows; row++) {
    if (valid?.[row] === 0) {
      of.missing += 1;
      continue;
    }
    of.values += 1;
    const value = values[row]!;
    if (of.least === undefined || value < of.least) of.least = value;
    if (of.most === undefined || value > of.most) of.most = value;
  }
};

const addTexts = (
  of: Evidence,
  column: Column & { type: 'string' },
  rows: number,
  lineOf: (row: number) => number,
): void => {
  for (let row = 0; row < rows; row++) {
    if (column.valid?.[row] === 0) {
      of.missing += 1;
      continue;
    }
    of.values += 1;
    if (of.words > ENOUGH) continue;
    const text = cellAt(column, row) as string;
    const seen = { text, line: lineOf(row) };
    of.first ??= seen;
    if (isWord(text)) {
      of.words += 1;
      of.word ??= seen;
    } else if (/^[-+]?0\d/.test(text)) of.code ??= seen;
  }
};

/** Letters that no figure, date or time has. */
const isWord = (text: string): boolean => /\p{L}/u.test(text) && !/^[\d\s.,:/+TZEe-]*$/.test(text);

/** Words of a column: it has more than a marker of missing values. */
const ENOUGH = 1000;
const SHOWN = 60;
const told = ({ text, line }: Seen): string =>
  `"${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}" in line ${line}`;

const reasonOf = ({ type }: Field, { values, least, most, words, word, code, first }: Evidence): string => {
  if (values === 0) return 'No row has a value.';
  if (type === 'string') {
    if (word && words <= ENOUGH && 2 * words < values)
      return `${told(word)} is text, as few others are. If it means that there is no value, declare it under \`missing\`.`;
    if (word) return `${told(word)} is text.`;
    if (code) return `${told(code)} begins with a zero, as codes do.`;
    return `${told(first!)} is no figure, date or truth value for sure.`;
  }
  const all = values === 1 ? 'Its one value is' : `All ${values} values are`;
  if (type === 'boolean') return `${all} true or false.`;
  if (type === 'date') return `${all} dates, from ${formatDate(Number(least))} to ${formatDate(Number(most))}.`;
  if (type === 'timestamp')
    return `${all} times, from ${formatTimestamp(Number(least))} to ${formatTimestamp(Number(most))}.`;
  return `${all} ${FIGURES[type]}, from ${least} to ${most}.`;
};
