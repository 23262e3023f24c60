import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileTables } from '../../testing/read-file.ts';

const read = (text: string) => readFileTables(Buffer.from(text));

/** Cells of text with all that is hard to write; no white space around them, no figures, nothing that is missing. */
const cell = fc
  .stringMatching(/^[a-z|:;,"'\\\n ]{0,12}$/)
  .map((text) => `w${text}w`)
  .filter((text) => !/\n\n/.test(text));

describe('A file in a form that the byte-level engine does not speak', () => {
  it('is read by csv-parse, on the lines on which it stands, and says so', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `"a \\"${row}\\", b";${row};"x\ny"\n\n`);
    const [table] = await read(`"name \\"n\\"";count;note\n${rows.join('')}`);
    expect([table!.header, table!.types]).toEqual([
      ['name "n"', 'count', 'note'],
      ['string', 'int32', 'string'],
    ]);
    expect(table!.rows).toEqual(rows.map((_, row) => [`a "${row}", b`, row, 'x\ny']));
    expect(table!.lines).toEqual(rows.map((_, row) => 2 + row * 3));
    expect(table!.notes).toEqual([
      'The file was read by csv-parse: cells are parted by ";", quoted by ", and a backslash stands before a quote in one.',
    ]);
  });

  it('has in quarantine the records of the file, with the reason', async () => {
    const good = Array.from({ length: 4000 }, (_, row) => `row ${row}||${row}||"some ""text"""\n`);
    const bad = ['short||7\n', '"two\nlines"||8\n'];
    const [table] = await read(
      `name||count||note\n${good.slice(0, 3000).join('')}${bad.join('')}${good.slice(3000).join('')}`,
    );
    expect(table!.rows.length).toBe(4000);
    expect(table!.rows[3999]).toEqual(['row 3999', 3999, 'some "text"']);
    expect([table!.lines[2999], table!.lines[3000]]).toEqual([3001, 3005]);
    expect(table!.quarantine.map(({ line, raw, reason }) => [line, raw, reason])).toEqual([
      [3002, 'short||7', '2 cells where the table has 3 cells'],
      [3003, '"two\nlines"||8', '2 cells where the table has 3 cells'],
    ]);
  });

  it('has rows in quarantine whose backslashes may mean two things, or whose quotes join lines', async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => `"say \\"${row}\\" to it, and listen";${row};"x"\n`);
    const odd = '"C:\\new";1;"x"\n';
    const joined = '"opens;1;x\n"b";2;"x\n"c";3;x"\n';
    const [table] = await read(`name;count;note\n${rows.join('')}${odd}${joined}"last";9;"x"\n`);
    expect(table!.rows.length).toBe(3001);
    expect(table!.quarantine[0]).toMatchObject({
      line: 3002,
      raw: odd.trimEnd(),
      reason: 'a backslash in it stands before something that needs none',
    });
    expect(table!.quarantine.length).toBeGreaterThan(1);
    expect(table!.rows.at(-1)).toEqual(['last', 9, 'x']);
  });

  it('has in quarantine all that stands behind a quote that is never closed', async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => `"say \\"${row}\\" to it";${row}\n`).join('');
    const [table] = await read(`name;count\n${rows}"open;1\nlast;2\n`);
    expect([table!.rows.length, table!.quarantine.map(({ line, raw }) => [line, raw])]).toEqual([
      3000,
      [
        [3002, '"open;1'],
        [3003, 'last;2'],
      ],
    ]);
    const endless = `"open;${'x;'.repeat(5_000_000)}\n`;
    await expect(read(`name;count\n${rows}${endless}`)).rejects.toThrow(/its quotes cannot be read near line 3002/);
  });

  it('comes back whatever its cells hold', async () => {
    const forms = fc.constantFrom<[string, 'doubled' | 'backslash']>(
      ...(
        [
          [';', 'backslash'],
          [',', 'backslash'],
          ['||', 'doubled'],
          ['::', 'backslash'],
          ['~|~', 'doubled'],
        ] as const
      ).map(([delimiter, way]): [string, 'doubled' | 'backslash'] => [delimiter, way]),
    );
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 8, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(forms, rows, async ([delimiter, way], cells) => {
        const escaped = (text: string): string =>
          way === 'doubled' ? text.replaceAll('"', '""') : text.replace(/["\\]/g, '\\$&');
        const quoted = (text: string): string => `"${escaped(text)}"`;
        // A line that needs the form, so that there is something to find.
        const all = [...cells, ['say "this", and that', 'x']].map(([one, two], row) => [one!, String(row + 1), two!]);
        const text = [['name', 'count', 'note'], ...all].map((record) => `${record.map(quoted).join(delimiter)}\n`);
        const tables = await read(text.join(''));
        const found = tables.flatMap((table) => table.rows.map((row) => row.map(String)));
        const kept = tables.flatMap((table) => table.quarantine).reduce((sum, { rows: each }) => sum + each, 0);
        // Each row is what was written, or in quarantine.
        for (const row of found) expect(all).toContainEqual(row);
        expect(found.length + kept).toBeGreaterThanOrEqual(all.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('A file in a form that it speaks', () => {
  const rows = Array.from({ length: 20 }, (_, row) => `place ${row},${row},x\n`).join('');

  it.each([
    ['words and what is said of them', 'Name: Granary\nKind: data\nPlace: here\nYear: 2026\n'],
    ['a list of addresses', 'http://a.test/x\nhttp://a.test/y\nhttp://b.test/z\nhttp://b.test/zz\n'],
    ['sentences', '1. Come in. Sit.\n2. Look up. See.\n3. Go out. Run.\n4. Stay in. Wait.\n'],
    ['names of two words', 'Ana Reis\nRui Dias\nEva Cruz\nIva Luz\n'],
  ])('is no table of several columns because of %s', async (_, text) => {
    expect((await read(text)).map(({ names }) => names.length)).toEqual([1]);
  });

  it('has comments that are no rows, wherever they stand and whatever is in them', async () => {
    const [table] = await read(`# about, it, all\nname,count,note\n# "first, one\n${rows}# a, b, c\nlast,99,x\n`);
    expect([table!.header, table!.rows.length, table!.quarantine]).toEqual([['name', 'count', 'note'], 21, []]);
    expect(table!.notes).toEqual(['Line 3 is a note: # "first, one', 'Line 24 is a note: # a, b, c']);
    // Values that begin so are no comments, nor are the names of the columns.
    const colours = await read('#id,colour\n#fff,white\n#000,black\n#f00,red\n');
    expect(colours.map(({ header, rows: own }) => [header, own.length])).toEqual([[['#id', 'colour'], 3]]);
  });

  it('has columns without names where the header has one name too few or too many', async () => {
    for (const header of ['name,place,count,on', 'name,place,count,on,note,more']) {
      const five = Array.from({ length: 20 }, (_, n) => `a ${n},b,${n},2026-01-0${1 + (n % 9)},x\n`).join('');
      const [table] = await read(`${header}\n${five}`);
      const names = [1, 2, 3, 4, 5].map((column) => `column_${column}`);
      expect([table!.names, table!.rows.length, table!.quarantine]).toEqual([names, 20, []]);
      expect(table!.notes).toEqual([`No column is named by line 1: ${header.replaceAll(',', '; ')}`]);
    }
  });

  it('has no row moved by a delimiter too many before a last cell that is empty', async () => {
    const mixed = 'name,count,note\na,1,x\nb,2,\nc,,3,\nd,4,y\ne,5,\nf,6,z\n';
    const [table] = await read(mixed);
    expect([table!.rows.length, table!.quarantine.map(({ raw }) => raw)]).toEqual([5, ['c,,3,']]);
    // Where the last cell is never empty it is a delimiter too many at the end.
    const [full] = await read('name,count,note\na,1,x\nb,2,y\nc,3,z,\nd,4,y\n');
    expect([full!.rows.length, full!.quarantine]).toEqual([4, []]);
  });

  it('keeps the type of a column where a quote in a cell shows that the row is broken', async () => {
    const [table] = await read(`name,count,note\n${rows}lost,12"Closed, and over"\n${rows}`);
    expect([table!.types, table!.rows.length]).toEqual([['string', 'int32', 'string'], 40]);
    expect(table!.quarantine.map(({ line, raw }) => [line, raw])).toEqual([[22, 'lost,12"Closed, and over"']]);
    // Quotes that many cells have are text.
    const inches = await read(`size,kind\n${Array.from({ length: 10 }, (_, n) => `${n}",x\n`).join('')}`);
    expect([inches[0]!.types, inches[0]!.rows.length]).toEqual([['string', 'string'], 10]);
  });

  it('has rows that a CR ends among those that a LF ends', async () => {
    const [table] = await read(`name,count,note\n${rows}a,1,x\rb,2,y\n${rows}c,3,z\r`);
    expect([table!.rows.length, table!.rows.at(-1), table!.quarantine]).toEqual([43, ['c', 3, 'z'], []]);
  });

  it('counts a row in quarantine once, whatever lines its text has', async () => {
    const [table] = await read(`name,count,note\n${rows}a,1,"first, line\nsecond",more\n`);
    expect(table!.quarantine.map(({ rows: each }) => each)).toEqual([1]);
  });

  it('has names of several rows, units too, and no row that numbers the columns', async () => {
    const under = await read(
      `Place,Figures,,Note\n,Count,Level,\n,(n),(m),\n${Array.from({ length: 9 }, (_, n) => `p,${n},${n}.5,x\n`).join('')}`,
    );
    expect(under.map(({ header, rows: own }) => [header, own.length])).toEqual([
      [['Place', 'Figures / Count / (n)', 'Figures / Level / (m)', 'Note'], 9],
    ]);
    const numbered = await read(`name,count,note\n(1),(2),(3)\n${rows}`);
    expect(numbered.map(({ header, rows: own, notes }) => [header, own.length, notes])).toEqual([
      [['name', 'count', 'note'], 20, ['Line 2 is a note: (1),(2),(3) (it numbers the columns)']],
    ]);
    // A first row with unknown markers is a row.
    const first = await read('name,count,level\na,s/d,s/d\nb,1,2\nc,3,4\nd,5,6\n');
    expect(first[0]!.rows.length).toBe(4);
  });

  it('gives tables side by side, without the rows that a delimiter moved', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => (n < 5 ? `a,${n},,s,${n * 2},${n}.5` : `a,${n},,,,`));
    const text = ['name,count,,ship,tons,draught', ...lines.slice(0, 3), 'a,,7,,s,8,9.5', ...lines.slice(3)].join('\n');
    const tables = await read(`${text}\n`);
    expect(
      tables.map(({ header, rows: own, quarantine }) => [header, own.length, quarantine.map(({ raw }) => raw)]),
    ).toEqual([
      [['name', 'count'], 12, ['a,,7,,s,8,9.5']],
      [['ship', 'tons', 'draught'], 5, []],
    ]);
  });

  it('is one table where an empty column only parts figures for the eye', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => `place ${n},${n * 3},${n * 7},,${n}.5,${n}.25\n`);
    const tables = await read(`place,births,deaths,,births in %,deaths in %\n${lines.join('')}`);
    expect(tables.map(({ names, rows: own }) => [names, own.length])).toEqual([
      [['place', 'births', 'deaths', 'column_4', 'births_in', 'deaths_in'], 12],
    ]);
  });

  it('has no row of a second table under the names of the first, though a name of the second is missing', async () => {
    const second = Array.from({ length: 6 }, (_, n) => `ship ${n},${n},y\n`).join('');
    const tables = await read(`name,count,note\n${rows}\nship,tons\n${second}`);
    const first = tables.find(({ header }) => header[0] === 'name')!;
    expect(first.rows.every(([name]) => String(name).startsWith('place'))).toBe(true);
  });
});
