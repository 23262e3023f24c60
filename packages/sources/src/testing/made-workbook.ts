import { zipOf } from '@granary/tabular/xlsx/zip';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

/** `A`, … `Z`, `AA`, … of a column from 0. */
export const columnName = (index: number): string => {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
};

/** A row in the XML of a sheet. */
export const rowXml = (row: number, values: readonly (string | number)[]): string => {
  const cells = values.map((value, index) => {
    const at = `r="${columnName(index)}${row}"`;
    return typeof value === 'number'
      ? `<c ${at}><v>${value}</v></c>`
      : `<c ${at} t="inlineStr"><is><t>${value}</t></is></c>`;
  });
  return `<row r="${row}">${cells.join('')}</row>`;
};

/** For tests: a workbook (.xlsx) of sheets whose rows are given as XML, which no library would write so. */
export const madeWorkbook = async (sheets: Readonly<Record<string, Iterable<string>>>): Promise<Buffer> => {
  const names = Object.keys(sheets);
  const each = (of: (number: number, name: string) => string): string =>
    names.map((name, index) => of(index + 1, name)).join('');
  const rels = (inner: string) => `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${inner}</Relationships>`;
  const parts: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>${each((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPE}.worksheet+xml"/>`)}</Types>`,
    '_rels/.rels': rels(`<Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/>`),
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${each((n, name) => `<sheet name="${name}" sheetId="${n}" r:id="rId${n}"/>`)}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': rels(
      each((n) => `<Relationship Id="rId${n}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${n}.xml"/>`),
    ),
  };
  const sheetXml = function* (rows: Iterable<string>): Generator<string> {
    yield `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>`;
    yield* rows;
    yield '</sheetData></worksheet>';
  };
  const entries = [
    ...Object.entries(parts).map(([name, text]) => ({ name, content: [text] as Iterable<string> })),
    ...names.map((name, index) => ({ name: `xl/worksheets/sheet${index + 1}.xml`, content: sheetXml(sheets[name]!) })),
  ];
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(entries as never)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
