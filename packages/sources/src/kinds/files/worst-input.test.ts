import type { ResourceFile } from '@granary/domain/reading';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import { describe, expect, it } from '@jest/globals';
import { columnName, madeWorkbook, rowXml } from '../../testing/made-workbook.ts';
import { readFileTables, resource, undeclared } from '../../testing/read-file.ts';

/** Why the first table of a file, or all of the file, is refused. */
const refusal = async (file: ResourceFile): Promise<string> => {
  try {
    const [table] = await undeclared.tables(resource, file);
    await table!.read({ processing_date: '2026-12-01' }, tableInMemory());
    return 'it was read';
  } catch (error) {
    return (error as Error).message;
  }
};

/** A file of 100 MB that is never held: a beginning, one sign again and again, an end. */
const longFile = (begin: string, sign: string, end: string): ResourceFile => {
  const bytes = 100_000_000;
  const body = Buffer.alloc(1 << 18, sign);
  const [head, tail] = [Buffer.from(begin), Buffer.from(end)];
  return {
    bytes,
    *chunks() {
      yield Buffer.concat([head]);
      for (let at = head.length; at < bytes - tail.length; at += body.length) yield Buffer.concat([body]);
      yield Buffer.concat([tail]);
    },
    read: (from, to) => Buffer.concat([head, body]).subarray(from, to),
  };
};

describe('A workbook beyond what people write', () => {
  it('of 16,384 columns is refused with the reason; one cell out there does no harm', async () => {
    const wide = Array.from({ length: 16_384 }, (_, index) => index);
    const names = wide.map((index) => `c${index}`);
    const book = await madeWorkbook({ A: [rowXml(1, names), rowXml(2, wide), rowXml(3, wide)] });
    expect(await refusal(fileOfBytes(book))).toMatch(/more than 10000 cells/);
    const far = `<row r="6"><c r="${columnName(16_383)}6"><v>7</v></c></row>`;
    const [table, ...others] = await readFileTables(
      await madeWorkbook({ A: [rowXml(1, ['a', 'b']), rowXml(2, [1, 2]), rowXml(3, [3, 4]), far] }),
    );
    expect([table!.rows, others]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [],
    ]);
    expect(table!.notes).toContain('Row 6 is a note: 7');
  });

  it('of 1,048,576 rows of nothing holds no table, and none but those that have something', async () => {
    const nothing = function* (from: number): Generator<string> {
      for (let row = from; row <= 1_048_576; ) {
        const rows: string[] = [];
        for (; row <= 1_048_576 && rows.length < 50_000; row++) rows.push(`<row r="${row}"/>`);
        yield rows.join('');
      }
    };
    expect(await refusal(fileOfBytes(await madeWorkbook({ A: nothing(1) })))).toBe('The workbook holds no table.');
    const some = [rowXml(1, ['a', 'b']), rowXml(2, [1, 2]), rowXml(3, [3, 4])];
    const [table] = await readFileTables(await madeWorkbook({ A: [...some, ...nothing(4)] }));
    expect(table!.rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
  }, 30_000);

  it('of 200 sheets gives a table for each, by its name', async () => {
    const sheets = Array.from({ length: 200 }, (_, index) => [
      `Sheet ${index}`,
      [rowXml(1, ['a', 'b']), rowXml(2, [index, 2]), rowXml(3, [index, 3])],
    ]);
    const tables = await readFileTables(await madeWorkbook(Object.fromEntries(sheets)));
    expect(tables).toHaveLength(200);
    expect(tables[199]).toMatchObject({
      name: 'Sheet 199',
      rows: [
        [199, 2],
        [199, 3],
      ],
    });
  });

  it('keeps text from right to left, parts equal titles, and passes over an empty sheet', async () => {
    const [table, ...others] = await readFileTables(
      await madeWorkbook({
        Empty: [],
        ورقة: [
          rowXml(1, ['المدينة', 'السنة', 'السنة', '\u202bTotal\u202c']),
          rowXml(2, ['الرباط', 2010, 2011, 5]),
          rowXml(3, ['فاس', 2010, 2011, 6]),
        ],
      }),
    );
    expect(others).toEqual([]);
    expect(new Set(table!.names).size).toBe(4);
    expect(table).toMatchObject({ name: 'ورقة', header: ['المدينة', 'السنة', 'السنة', '\u202bTotal\u202c'] });
    expect(table!.rows).toEqual([
      ['الرباط', 2010, 2011, 5],
      ['فاس', 2010, 2011, 6],
    ]);
  });

  it('has of references to other workbooks what was stored, and nothing where nothing was', async () => {
    const formula = (at: string, value: string, type = '') => `<c r="${at}"${type}><f>[1]Sheet1!$A$1</f>${value}</c>`;
    const rows = [2, 3].map(
      (row) =>
        `<row r="${row}"><c r="A${row}"><v>${row}</v></c>${formula(`B${row}`, '<v>5</v>')}${formula(`C${row}`, '')}${formula(`D${row}`, '<v>#REF!</v>', ' t="e"')}</row>`,
    );
    const [table] = await readFileTables(
      await madeWorkbook({ A: [rowXml(1, ['n', 'stored', 'none', 'lost']), ...rows] }),
    );
    expect(table!.rows.map((cells) => cells.map((cell) => cell || null))).toEqual([
      [2, 5, null, null],
      [3, 5, null, null],
    ]);
    expect(table!.notes.join(' ')).toMatch(/2 cells hold #REF!/);
  });
});

describe('Text beyond what people write', () => {
  it.each<[string, ResourceFile, RegExp]>([
    ['one line of 100 MB', longFile('a', 'a', 'a'), /^The file is no table: line 1 is longer than \d+ characters\.$/],
    ['a cell of 100 MB', longFile('a;b\n1;2\n"', 'x', '";3\n4;5\n'), /the record on line 3 is longer than \d+ bytes/],
    ['a row of 100 MB', longFile('a;b\n1;2\n', '1;', '\n4;5\n'), /the record on line 3 is longer than \d+ bytes/],
    ['20,000 columns', fileOfBytes(Buffer.from(`${Array(20_000).fill('c').join(';')}\n`)), /more than 10000 cells/],
    ['bytes of zero', fileOfBytes(Buffer.from('a;b\n1;x\0y\n2;z\n\0\0;3\n')), /binary/],
    ['a table and then zeros', fileOfBytes(Buffer.concat([Buffer.from('a;b\n1;2\n'), Buffer.alloc(4096)])), /binary/],
  ])('such as %s is refused with the reason', async (_, file, reason) => {
    expect(await refusal(file)).toMatch(reason);
  });

  it('of 5,000 columns is read', async () => {
    const line = (of: (index: number) => unknown) => Array.from({ length: 5000 }, (_, index) => of(index)).join(';');
    const [table] = await readFileTables(
      Buffer.from([line((i) => `c${i}`), line((i) => i), line((i) => -i)].join('\n')),
    );
    expect([table!.names.length, new Set(table!.types), table!.rows[1]![4999]]).toEqual([
      5000,
      new Set(['int32']),
      -4999,
    ]);
  });

  it('has a row with a byte of zero far below in quarantine, and publishes its neighbours', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `place ${index};${index}\n`);
    const [table] = await readFileTables(Buffer.from(`name;n\n${rows.join('')}x\0y;7\nz;8\n`));
    expect(table!.rows.at(-1)).toEqual(['z', 8]);
    expect(table!.rows).toHaveLength(20_001);
    expect(table!.quarantine).toMatchObject([{ line: 20_002, reason: expect.stringMatching(/byte of zero/) }]);
  });
});
