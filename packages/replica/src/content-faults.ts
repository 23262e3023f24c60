import { decodeWindows1252 } from '@granary/tabular/csv/windows-1252';
import { type FileTable, renderTable } from './embrapa/file.ts';
import type { ContentFault } from './faults.ts';

/** Where the figures of a row begin. */
const leadingCells = (table: FileTable): number => (table.layout.control ? 3 : 2);
const figuresFrom = (table: FileTable): number => (table.layout.header === null ? 0 : 1);

const mapFigures = (table: FileTable, change: (figure: string) => string): FileTable => ({
  ...table,
  rows: table.rows.map((cells, row) =>
    row < figuresFrom(table) ? cells : cells.map((cell, i) => (i < leadingCells(table) ? cell : change(cell))),
  ),
});

const grouped = (figure: string): string =>
  /^\d{4,}(,\d+)?$/.test(figure)
    ? figure.replace(/\d(?=(\d{3})+(?!\d))/g, (digit, _, at) => {
        const comma = figure.indexOf(',');
        return comma === -1 || at < comma ? `${digit}.` : digit;
      })
    : figure;

const raggedRow = (cells: readonly string[], row: number): readonly string[] =>
  row % 14 === 7 ? [...cells, '0'] : row % 14 === 0 ? cells.slice(0, -1) : cells;

const withoutLastYear = (table: FileTable): FileTable => {
  const last = table.layout.years.at(-1);
  const places = table.layout.years.filter((year) => year === last).length;
  return {
    ...table,
    rows: table.rows.map((cells) => [...cells.slice(0, -places), ...cells.slice(-2 * places, -places)]),
  };
};

/** Changes of the table, made before it is written out. */
const TABLE_CHANGES: Partial<Record<ContentFault, (table: FileTable) => FileTable>> = {
  'excel-thousands': (table) => mapFigures(table, grouped),
  ragged: (table) => ({
    ...table,
    rows: table.rows.map((cells, row) => (row < figuresFrom(table) ? cells : raggedRow(cells, row))),
  }),
  'text-figure': (table) => {
    const row = Math.min(figuresFrom(table) + 2, table.rows.length - 1);
    return {
      ...table,
      rows: table.rows.map((cells, i) => (i === row ? cells.with(leadingCells(table) + 5, 'a revisar') : cells)),
    };
  },
  'no-header': (table) => ({
    layout: { ...table.layout, header: null },
    rows: table.rows.slice(figuresFrom(table)),
  }),
  'unquoted-commas': (table) => {
    const points = mapFigures(table, (figure) => figure.replace(',', '.'));
    return { ...points, layout: { ...points.layout, delimiter: ',' } };
  },
  'four-times': withoutLastYear,
  half: (table) => ({ ...table, rows: table.rows.slice(0, Math.ceil(table.rows.length / 2)) }),
  'blank-rows': (table) => ({
    ...table,
    rows: table.rows.flatMap((cells, row) =>
      row % 5 === 4 ? [cells, [], cells.map(() => '')] : row % 5 === 2 ? [cells, []] : [cells],
    ),
  }),
};

/** Changes of the bytes, made afterwards. */
const BYTE_CHANGES: Partial<Record<ContentFault, (bytes: Buffer) => Buffer>> = {
  crlf: (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  mojibake: (bytes) => Buffer.from(decodeWindows1252(bytes)),
  latin1: (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  bom: (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
};

/** The bytes of a generated file with these faults in it; without faults, as {@link renderTable} writes it. */
export const withContentFaults = (table: FileTable, kinds: readonly ContentFault[]): Buffer => {
  const changed = kinds.reduce((current, kind) => TABLE_CHANGES[kind]?.(current) ?? current, table);
  const bytes = Buffer.from(renderTable(changed));
  return kinds.reduce<Buffer>((current, kind) => BYTE_CHANGES[kind]?.(current) ?? current, bytes);
};
