/** Batches to an Excel workbook (ECMA-376) of one sheet, written as it is read: memory does not grow with the rows. */
import { cellAt } from '../cells.ts';
import type { ResultField } from '../query/query.ts';
import type { Batch, Column } from '../table.ts';
import { zipOf } from './zip.ts';

/** What Excel takes of one sheet and of one cell. */
export const MOST_ROWS = 1_048_576;
export const MOST_COLUMNS = 16_384;
const LONGEST_TEXT = 32_767;
const CHUNK = 64 * 1024;

/** Cell styles, in the order of `cellXfs`. */
const STYLE = { date: 1, timestamp: 2, header: 3 } as const;
/** Days from Excel's day 0 to 1970-01-01; exact from March 1900, before which Excel counts a day that never was. */
const EPOCH = 25_569;
const [FIRST_DAY, LAST_DAY] = [61 - EPOCH, 2_958_465 - EPOCH];
/** Excel has doubles and shows 15 digits of them. */
const LARGEST_EXACT = 999_999_999_999_999n;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/**
 * Text in XML. What XML cannot hold is escaped as Excel does, `_x0007_`; what looks like such an escape has its own `_`
 * escaped.
 */
const escaped = (text: string): string =>
  /[&<>_\p{Cc}\ufffe\uffff]/u.test(text)
    ? text
        .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
        .replace(
          /[^\P{Cc}\t\n]|[\ufffe\uffff]/gu,
          (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
        )
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
    : text;

const letters = (index: number): string =>
  (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26));

type Write = (row: number, place: string) => string;

const textCell = (place: string, text: string, style = ''): string => {
  if (text.length > LONGEST_TEXT)
    throw new RangeError(
      `a text of ${text.length} characters does not fit into a cell of a spreadsheet (${LONGEST_TEXT})`,
    );
  return `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
};

/** Whether a whole number in decimals is one that Excel shows whole. */
const isExact = (text: string): boolean => /^-?\d{1,15}$/.test(text);

const numberCell = (place: string, value: number | bigint | string, style?: number): string =>
  `<c r="${place}"${style === undefined ? '' : ` s="${style}"`}><v>${value}</v></c>`;

const cellWriter = (column: Column, { whole }: Pick<ResultField, 'whole'>): Write => {
  const plain = (): Write => {
    switch (column.type) {
      case 'boolean':
        return (row, place) => `<c r="${place}" t="b"><v>${column.values[row] === 0 ? 0 : 1}</v></c>`;
      case 'int32':
        return (row, place) => numberCell(place, column.values[row]);
      case 'int64':
        return (row, place) => {
          const value = column.values[row];
          const exact = value <= LARGEST_EXACT && value >= -LARGEST_EXACT;
          return exact ? numberCell(place, value) : textCell(place, String(value));
        };
      case 'double':
        return (row, place) => {
          const value = column.values[row];
          return Number.isFinite(value) ? numberCell(place, value) : textCell(place, String(value));
        };
      case 'date':
      case 'timestamp':
        return (row, place) => {
          const value = column.values[row];
          const isDate = column.type === 'date';
          const days = isDate ? value : value / 86_400_000;
          const known = days >= FIRST_DAY && days < LAST_DAY + 1;
          return known
            ? numberCell(place, days + EPOCH, isDate ? STYLE.date : STYLE.timestamp)
            : textCell(place, String(cellAt(column, row)));
        };
      default:
        return (row, place) => {
          const text = column.dictionary.get(column.codes[row]);
          return whole && isExact(text) ? numberCell(place, text) : textCell(place, text);
        };
    }
  };
  const write = plain();
  const { valid } = column;
  return valid ? (row, place) => (valid[row] === 0 ? '' : write(row, place)) : write;
};

async function* sheetOf(fields: readonly ResultField[], batches: AsyncIterable<Batch>): AsyncGenerator<string> {
  const places = fields.map((_, index) => letters(index));
  const names = fields.map(({ name }, index) => textCell(`${places[index]}1`, name, ` s="${STYLE.header}"`));
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  let text =
    `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>` +
    `<sheetData><row r="1">${names.join('')}</row>`;
  let line = 1;
  for await (const { rows, columns } of batches) {
    if (line + rows > MOST_ROWS)
      throw new RangeError(`a spreadsheet has ${MOST_ROWS} rows at most, its header among them`);
    const writers = columns.map((column, index) => cellWriter(column, fields[index]));
    for (let row = 0; row < rows; row++) {
      line++;
      text += `<row r="${line}">`;
      for (let i = 0; i < writers.length; i++) text += writers[i](row, places[i] + line);
      text += '</row>';
      if (text.length < CHUNK) continue;
      yield text;
      text = '';
    }
  }
  yield `${text}</sheetData></worksheet>`;
}

const sheetName = (name: string): string =>
  escaped(name.replace(/[[\]:*?/\\']/g, '_').slice(0, 31) || 'data').replaceAll('"', '&quot;');

const parts = (sheet: string) => ({
  '[Content_Types].xml':
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>' +
    '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>' +
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
  '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELS}"><sheets><sheet name="${sheetName(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels':
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELS}/worksheet" Target="worksheets/sheet1.xml"/>` +
    `<Relationship Id="rId2" Type="${RELS}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml':
    `<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>` +
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>' +
    '<cellXfs count="4"><xf xfId="0"/><xf numFmtId="164" applyNumberFormat="1" xfId="0"/><xf numFmtId="165" applyNumberFormat="1" xfId="0"/>' +
    '<xf fontId="1" applyFont="1" xfId="0"/></cellXfs></styleSheet>',
});

/**
 * A workbook with a header row. Figures are figures (integers of more than 15 digits are text, which loses nothing),
 * days and times are Excel's own, in UTC; texts are texts, whatever they begin with. Throws RangeError for what no
 * spreadsheet takes: rows, columns or texts beyond its limits.
 */
export async function* xlsxOf(
  fields: readonly ResultField[],
  batches: AsyncIterable<Batch>,
  { sheet }: { sheet: string },
): AsyncGenerator<Uint8Array> {
  if (fields.length > MOST_COLUMNS) throw new RangeError(`a spreadsheet has ${MOST_COLUMNS} columns at most`);
  const fixed = Object.entries(parts(sheet)).map(([name, text]) => ({ name, content: [HEAD + text] }));
  yield* zipOf([...fixed, { name: 'xl/worksheets/sheet1.xml', content: sheetOf(fields, batches) }]);
}
