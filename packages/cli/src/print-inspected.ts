import { basename } from 'node:path';
import type { Dialect } from '@granary/tabular/table';
import type { Inspected, InspectedTable } from './inspect.ts';
import { count } from './output.ts';

const DELIMITERS: Readonly<Record<string, string>> = { '\t': 'tab' };

/** A dialect for people; nothing of the form in which grids are read. */
export const dialectOf = (dialect: Dialect): string =>
  dialect.written
    ? `${dialect.encoding}, delimiter ${dialect.written.delimiter}, read by ${dialect.written.read_by}`
    : dialect.sure_quotes
      ? ''
      : `${dialect.encoding}, delimiter ${DELIMITERS[dialect.delimiter] ?? dialect.delimiter}, decimal ${dialect.decimal}` +
        `${dialect.thousands === null ? '' : `, thousands ${dialect.thousands === ' ' ? 'blank' : dialect.thousands}`}` +
        `${dialect.header_line === null ? ', no header' : `, header in line ${dialect.header_line}`}`;

const linesOfTable = (table: InspectedTable, number: number): string[] => {
  const { name, title, place, rows, rows_quarantined, fields, dialect, notes, quarantine, written } = table;
  const where = [place, dialectOf(dialect)].filter((part) => part).join('; ');
  return [
    `  ${number}. ${title ?? (name === '1' ? 'the table' : name)}${where && ` (${where})`}: ${count(rows, 'row')}, ${count(fields.length, 'column')}`,
    ...fields.map(
      (field) => `       ${field.name.padEnd(28)} ${field.type}${field.unit === undefined ? '' : ` in ${field.unit}`}`,
    ),
    ...(dialect.uncertain ?? []).map(
      ({ line, column, readings, decide }) =>
        `     ? ${line === null ? '' : `line ${line}, `}${column === null ? '' : `column ${column}, `}it may be ${readings.join(', or ')}. ${decide}`,
    ),
    ...notes.map((note) => `     · ${note}`),
    ...(rows_quarantined > 0 ? [`     ! ${count(rows_quarantined, 'row')} would be quarantined:`] : []),
    ...quarantine.map(({ line, reason, raw }) => `         line ${line}: ${reason} (${raw.slice(0, 80)})`),
    ...(written ? [`     → ${written}`] : []),
  ];
};

/** A file in full. */
export const detailsOf = ({ file, tables, refused }: Inspected): string[] => [
  `${file}: ${count(tables.length, 'table')}`,
  ...tables.flatMap((table, index) => linesOfTable(table, index + 1)),
  ...refused.map((reason) => `  ✗ ${reason}`),
];

/** A file in one line: name, tables, rows, rows in quarantine, and why it was refused. */
export const lineOf = ({ file, tables, refused }: Inspected): string => {
  const sum = (of: (table: InspectedTable) => number): string =>
    tables.reduce((total, table) => total + of(table), 0).toLocaleString('en');
  const columns = [
    basename(file).slice(0, 44).padEnd(45),
    String(tables.length).padStart(6),
    sum(({ rows }) => rows).padStart(12),
    sum(({ rows_quarantined }) => rows_quarantined).padStart(13),
  ];
  return `${columns.join('')}${refused.length > 0 ? `  ${refused.join(' ')}` : ''}`;
};

export const HEADING = `${'file'.padEnd(45)}${'tables'.padStart(6)}${'rows'.padStart(12)}${'quarantined'.padStart(13)}`;
