import type { PreviewedResource, SourcePreview } from '@granary/domain/use-cases/preview/preview-source';
import { asTable, count } from './output.ts';
import { dialectOf } from './print-inspected.ts';

type Table = PreviewedResource['tables'][number];

/** Rows that are printed of each table; the API gives more. */
const ROWS = 5;
const CELL = 24;
/** Columns that fit side by side. */
const COLUMNS = 8;

const shortened = (cell: unknown): string => {
  const text = cell === null ? '' : String(cell).replace(/\s+/g, ' ');
  return text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text;
};

const linesOfTable = (table: Table): string[] => {
  const { dataset, title, place, refused, complete, dialect, columns, rows, counts, quarantine, notes } = table;
  const where = [title, place, dialect && dialectOf(dialect)].filter((part) => part).join('; ');
  const quarantined =
    counts.rows_quarantined > 0 ? `, ${counts.rows_quarantined.toLocaleString('en')} quarantined` : '';
  const least = complete ? '' : ' in the beginning that was read';
  return [
    `  ${dataset}: ${count(counts.rows_published, 'row')}${quarantined}, ${count(columns.length, 'column')}${least}${where && ` (${where})`}`,
    ...(refused === null ? [] : [`     ✗ ${refused}`]),
    ...asTable(
      ['column', 'type', 'why'],
      columns.map(({ name, type, why }) => [name, type, why]),
    ).map((line) => `     ${line}`),
    ...(rows.length > 0 ? [''] : []),
    ...asTable(
      columns.slice(0, COLUMNS).map(({ name }) => shortened(name)),
      rows.slice(0, ROWS).map((row) => row.slice(0, COLUMNS).map(shortened)),
    )
      .slice(rows.length > 0 ? 0 : 1)
      .map((line) => `     ${line}`),
    ...(dialect?.uncertain ?? []).map(
      ({ line, column, readings, decide }) =>
        `     ? ${line === null ? '' : `line ${line}, `}${column === null ? '' : `column ${column}, `}it may be ${readings.join(', or ')}. ${decide}`,
    ),
    ...notes.map((note) => `     · ${note}`),
    ...quarantine.slice(0, ROWS).map(({ line, reason, raw }) => `     ! line ${line}: ${reason} (${shortened(raw)})`),
  ];
};

const linesOfResource = ({ url, bytes, refused, tables, unread, more_pages }: PreviewedResource): string[] => [
  `${url}${bytes === null ? '' : ` (${count(bytes, 'byte')})`}: ${count(tables.length, 'table')}`,
  ...(refused === null ? [] : [`  ✗ ${refused}`]),
  ...tables.flatMap((table) => ['', ...linesOfTable(table)]),
  ...(more_pages ? ['', '  This is its first page; collecting fetches the others too.'] : []),
  ...(unread.length > 0 ? [`  Not read: ${unread.join(', ')}`] : []),
];

type Printed = Pick<SourcePreview, 'resources' | 'doubts'> & { yaml: string };

/** A preview for people, with the source at its end. */
export const linesOfPreview = ({ resources, doubts, yaml }: Printed): string[] => [
  ...resources.flatMap(linesOfResource),
  ...doubts.flatMap((doubt) => ['', `  ? ${doubt}`]),
  '',
  ...yaml.trimEnd().split('\n'),
  '',
];
