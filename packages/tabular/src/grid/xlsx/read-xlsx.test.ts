import * as xlsx from '@e965/xlsx';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { zipOf } from '../../xlsx/zip.ts';
import type { Workbook } from '../sheets.ts';
import { readBySheetJs, readWorkbook } from '../workbook.ts';
import { readXlsx } from './read-xlsx.ts';
import { createSheetRows } from './sheet-rows.ts';
import { createXmlScanner } from './xml-scanner.ts';

const fileOf = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  read: (from: number, to: number) => bytes.subarray(from, to),
});
const readOurs = (bytes: Uint8Array) => readXlsx(fileOf(bytes), xlsx.SSF);

/** Without rows and cells at the end that hold nothing. */
const cellsOf = (workbook: Workbook | null) => ({
  hidden: workbook?.hidden,
  sheets: workbook?.sheets.map(({ name, grid }) => ({
    ...{ name, spans: grid.spans },
    rows: grid.rows
      .map(({ row, cells }) => ({ row, cells: cells.slice(0, cells.findLastIndex((cell) => cell !== null) + 1) }))
      .filter(({ cells }) => cells.length > 0),
  })),
});

const TYPES = `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
  <Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
  <Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
  <Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`;
const PARTS = {
  '[Content_Types].xml': TYPES,
  'xl/workbook.xml':
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr/><sheets><sheet name="A &amp; B" sheetId="1" r:id="rId1"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels':
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
  'xl/sharedStrings.xml':
    '<sst><si><t>plain</t></si><si><r><t xml:space="preserve">rich </t></r><rPh><t>furi</t></rPh><r><t>te_x0041_t</t></r></si><si><t/></si></sst>',
  'xl/styles.xml':
    '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[&gt;0]yyyy\\-mm\\-dd"/></numFmts><cellStyleXfs><xf numFmtId="22"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
};
const sheetOf = (rows: string, behind = ''): string =>
  `<?xml version="1.0"?>\n<x:worksheet xmlns:x="x"><x:sheetData>${rows}</x:sheetData>${behind}</x:worksheet>`;

const workbookOf = async (parts: Readonly<Record<string, string>>): Promise<Buffer> => {
  const entries = Object.entries({ ...PARTS, ...parts }).map(([name, content]) => ({ name, content: [content] }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const withSheet = (sheet: string) => workbookOf({ 'xl/worksheets/sheet1.xml': sheet });

describe('A workbook of Office Open XML', () => {
  const text = fc.stringMatching(/^[ -~àçñ€😀]{0,20}$/u).filter((one) => !/_x[\da-f]{4}_/i.test(one));
  const cell = fc.oneof(
    fc.constant(null),
    fc.oneof(text, fc.constantFrom(' ', 'a\nb', '<&>"', '  two  ')).map((v) => ({ t: 's' as const, v })),
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((v) => ({ t: 'n' as const, v })),
    fc.boolean().map((v) => ({ t: 'b' as const, v })),
    fc
      .tuple(
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        fc.constantFrom('yyyy-mm-dd', 'h:mm', '[h]:mm', 'd/m/yy hh:mm', '0.00', '"day" 0'),
      )
      .map(([v, z]) => ({ t: 'n' as const, v, z })),
    fc.constantFrom(7, 42, 23).map((v) => ({ t: 'e' as const, v })),
    fc.tuple(fc.integer(), fc.constantFrom('A1+1', 'SUM(B2:B3)')).map(([v, f]) => ({ t: 'n' as const, v, f })),
  );
  const rows = fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 });

  it('gives the cells, spans and sheets that SheetJS gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(rows, fc.integer({ min: 0, max: 2 }), fc.boolean()), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (sheets, date1904) => {
          const book = xlsx.utils.book_new();
          book.Workbook = { WBProps: { date1904 }, Sheets: [] };
          for (const [index, [cells, Hidden, merged]] of sheets.entries()) {
            const sheet = xlsx.utils.aoa_to_sheet(cells as never);
            if (merged) sheet['!merges'] = [{ s: { r: 0, c: 1 }, e: { r: 2, c: 3 } }];
            xlsx.utils.book_append_sheet(book, sheet, `Sheet <${index}>`);
            book.Workbook.Sheets!.push({ Hidden: index === 0 ? 0 : (Hidden as 0 | 1 | 2) });
          }
          const bytes = xlsx.write(book, { type: 'buffer', bookType: 'xlsx', bookSST: true, compression: true });
          expect(cellsOf(await readOurs(bytes))).toEqual(cellsOf(readBySheetJs(xlsx, bytes)));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is read by namespaces, shared and inline texts, styles, and cells that say no place', async () => {
    const bytes = await withSheet(
      sheetOf(
        '<x:row r="2"><x:c r="B2" t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>2</x:v></x:c></x:row>' +
          '<!-- nothing --><x:row/><x:row><x:c s="1"><x:v>45292</x:v></x:c><x:c s="2"><x:v>45292.5</x:v></x:c><x:c s="1"/>' +
          '<x:c t="inlineStr"><x:is><x:t>in </x:t><x:t><![CDATA[<line>]]></x:t></x:is></x:c><x:c t="b"><x:v>1</x:v></x:c>' +
          '<x:c t="str"><x:f>A1</x:f><x:v>a&#10;b &amp;lt;</x:v></x:c><x:c><x:v>-1.5E3</x:v></x:c><x:c><x:v>0.1</x:v></x:c></x:row>',
        '<x:mergeCells><x:mergeCell ref="B2:C2"/></x:mergeCells>',
      ),
    );
    const found = await readOurs(bytes);
    expect(found?.sheets[0]?.name).toBe('A & B');
    expect(cellsOf(found).sheets![0]).toMatchObject({
      spans: [{ row: 2, rows: 1, column: 1, columns: 2 }],
      rows: [
        { row: 2, cells: [null, 'plain', 'rich teAt', ''] },
        {
          row: 4,
          cells: [
            ...[{ iso: '2024-01-01', time: false }, { iso: '2024-01-01T12:00:00', time: true }, null],
            ...['in <line>', true, 'a\nb &lt;', -1500, 0.1],
          ],
        },
      ],
    });
  });

  it('says which cells have no value', async () => {
    const bytes = await withSheet(
      sheetOf(
        '<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c><c r="B1" t="e"><v>#N/A</v></c><c r="C1"><f>A1</f></c><c r="D1" t="e"><v>#SPILL!</v></c></row>',
      ),
    );
    expect((await readOurs(bytes))?.sheets[0]?.notes).toEqual([
      ...['1 cell holds #DIV/0!.', '1 cell holds #SPILL!.', '1 formula has no stored result.'],
    ]);
  });

  it('takes an empty text for the result of a formula', async () => {
    const bytes = await withSheet(sheetOf('<row><c t="str"><f>IF(A1=0,"")</f><v></v></c><c><v>1</v></c></row>'));
    expect((await readOurs(bytes))?.sheets[0]?.notes).toEqual([]);
  });

  it('has the formats of cells, not those of conditions on them, and a month alone is a date', async () => {
    const styles =
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0"/><numFmt numFmtId="165" formatCode="mmmm"/><numFmt numFmtId="166" formatCode="mm:ss"/></numFmts>' +
      '<cellXfs><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs><dxfs><dxf><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></dxf></dxfs></styleSheet>';
    const sheet = sheetOf('<row><c s="0"><v>41000</v></c><c s="1"><v>40179</v></c><c s="2"><v>0.5</v></c></row>');
    const found = await readOurs(await workbookOf({ 'xl/styles.xml': styles, 'xl/worksheets/sheet1.xml': sheet }));
    expect(found?.sheets[0]?.grid.rows[0]?.cells).toEqual([41000, { iso: '2010-01-01', time: false }, '12:00:00']);
  });

  it('has figures as JavaScript reads them', async () => {
    const figure = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.integer(), fc.nat(99_999_999)).map(([whole, part]) => `${whole}.${part}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(figure, { minLength: 1 }), async (figures) => {
        const cells = figures.map((one) => `<c><v>${one}</v></c>`).join('');
        const found = await readOurs(await withSheet(sheetOf(`<row>${cells}</row>`)));
        expect(found?.sheets[0]?.grid.rows[0]?.cells).toEqual(figures.map(Number));
      }),
      { numRuns: 50 },
    );
  });

  it('of a million rows of nothing takes no room, and of rows that begin far to the right only so much', async () => {
    const nothing = Array.from(
      { length: 50_000 },
      (_, row) => `<row r="${row + 1}"><c r="XFD${row + 1}" s="1"/></row>`,
    );
    expect((await readOurs(await withSheet(sheetOf(nothing.join('')))))?.sheets[0]?.grid.rows).toEqual([]);
    let left = 40_000;
    const context = {
      ...{ strings: [], figure: (value: number) => value, onError() {}, onUncomputed() {} },
      take(cells: number) {
        left -= cells;
        if (left < 0) throw new RangeError('too many');
      },
    };
    const scanner = createXmlScanner(createSheetRows(context));
    const far = [1, 2, 3].map((row) => `<row r="${row}"><c r="XFD${row}"><v>1</v></c></row>`);
    expect(() => scanner.push(Buffer.from(sheetOf(far.join(''))))).toThrow('too many');
  });

  it('is refused where it is damaged: another checksum, a sheet that is cut off', async () => {
    const bytes = await withSheet(sheetOf('<row><c><v>1</v></c></row>'));
    const at = bytes.indexOf('xl/worksheets/sheet1.xml', bytes.indexOf('PK\u0001\u0002')) - 30;
    const other = Buffer.from(bytes);
    other[at]! ^= 1;
    await expect(readWorkbook(fileOf(other))).rejects.toThrow(/is damaged \(xl\/worksheets\/sheet1\.xml: its checksum/);
    const cut = await withSheet('<worksheet><sheetData><row><c><v>1</v></c></row>');
    await expect(readWorkbook(fileOf(cut))).rejects.toThrow(/is damaged \(xl\/worksheets\/sheet1\.xml: it is cut off/);
  });

  it.each([
    ['a document type', `<!DOCTYPE worksheet>${sheetOf('<row><c><v>1</v></c></row>')}`],
    [
      'rows in another order',
      sheetOf('<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
    ],
    ['a day as text', sheetOf('<row><c t="d" s="1"><v>2024-01-01</v></c></row>')],
  ])('with %s is left to SheetJS', async (_, sheet) => {
    const bytes = await withSheet(sheet);
    expect(await readOurs(bytes)).toBeNull();
    expect((await readWorkbook(fileOf(bytes))).sheets).toHaveLength(1);
  });
});

describe('XML in pieces', () => {
  it('is the same wherever it is cut', () => {
    const xml = `<?xml version="1.0"?><a b='>' c="1"><!-- < --><x:d/>text &amp; <![CDATA[<raw>]]> é</a >`;
    const told = (cuts: readonly number[]): string[] => {
      const seen: string[] = [];
      const scanner = createXmlScanner({
        open: (name, bytes, from, to) => seen.push(`<${name}${bytes.toString('utf8', from, to)}`),
        close: (name) => seen.push(`/${name}`),
        text: (bytes, from, to, raw) => seen.push(`${raw}${bytes.toString('utf8', from, to)}`),
      });
      const bytes = Buffer.from(xml);
      for (const [index, from] of [0, ...cuts].entries()) scanner.push(bytes.subarray(from, cuts[index]));
      scanner.end();
      return seen;
    };
    const whole = told([]);
    expect(whole).toEqual([`<a b='>' c="1"`, '<d', '/d', 'falsetext &amp; ', 'true<raw>', 'false é', '/a']);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(Buffer.byteLength(xml))), (cuts) => {
        expect(told(cuts.sort((a, b) => a - b))).toEqual(whole);
      }),
    );
  });
});
