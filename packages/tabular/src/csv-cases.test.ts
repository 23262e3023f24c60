import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sniffDialect } from './csv/dialect.ts';
import { createTokenizer } from './csv/tokenizer.ts';
import { readCsvText } from './testing/read-csv-text.ts';

/** The input as it was reported, and what is right, by the numbers of issue 9. */
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i + 1)}\n`).join('');
const sniff = (text: string) => sniffDialect(Buffer.from(text));

describe('quotes that do not close', () => {
  const table = (change: (i: number) => string) => `id;name;val\n${lines(150, change)}`;
  const plain = (i: number) => `${i};name${i};${i}`;

  it('C1: no line is swallowed by one that opens and another that closes 68 lines later', async () => {
    const text = table((i) => (i === 34 ? '34;"name34;34' : i === 102 ? '102;name102";102' : plain(i)));
    const { rows_read, published, quarantine, rows } = await readCsvText(text);
    expect(rows_read).toBe(150);
    expect(published + quarantine.length).toBe(150);
    expect(quarantine).toMatchObject([{ line: 35, raw: '34;"name34;34', reason: expect.stringContaining('quote') }]);
    expect(rows.filter(([, name]) => String(name).includes('\n'))).toEqual([]);
    let read = 0;
    const tokenizer = createTokenizer(sniff(text), () => read++);
    tokenizer.push(Buffer.from(text));
    tokenizer.end();
    expect(read).toBe(151);
  });

  it('C1: on neighbouring lines too, and where the first quote has no partner', async () => {
    const near = await readCsvText(table((i) => (i === 34 ? '34;"name34;34' : i === 35 ? '35;name35";35' : plain(i))));
    expect([near.rows_read, near.published]).toEqual([150, 149]);
    const alone = await readCsvText(table((i) => (i === 34 ? '34;"name34;34' : plain(i))));
    expect([alone.rows_read, alone.published]).toEqual([150, 149]);
  });

  it('C1: text of several lines that is quoted as it should be stays one cell', async () => {
    const letter = '"Dear Sir,\nthank you; yours\n\nA, B; C"';
    const { rows, rows_read } = await readCsvText(`id;text;n\n${lines(20, (i) => `${i};${letter};${i}`)}`);
    expect(rows_read).toBe(20);
    expect(rows[7]).toEqual([8, 'Dear Sir,\nthank you; yours\n\nA, B; C', 8]);
  });

  it('C1: a cell of two lines of figures stays one where only that makes the record as wide as the others', async () => {
    const text = `a;b;c;d;e\n${lines(3, (i) => `${i};0;;0;0.5`)}4;0;"1\n1";0;0.5`;
    const { rows, rows_read, quarantine } = await readCsvText(text);
    expect([rows_read, quarantine]).toEqual([4, []]);
    expect(rows[3]).toEqual([4, 0, '1\n1', 0, 0.5]);
    const other = await readCsvText(`a;b;c;d\n${lines(3, (i) => `true;;00${i};${i}`)}true;"1;1\n";004;4`);
    expect([other.rows[3], other.quarantine]).toEqual([[true, '1;1\n', '004', 4], []]);
  });

  it('C1: wherever quotes are strewn in or lost, each row is published or in quarantine', async () => {
    const damage = fc.record({ row: fc.integer({ min: 1, max: 60 }), cell: fc.nat(2), end: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.boolean(), async (damages, quoted) => {
        const text = `id;name;val\n${lines(60, (i) => {
          const cells = [`${i}`, quoted && i % 5 === 0 ? `"n;${i}"` : `name${i}`, `${i * 3}`];
          for (const { row, cell, end } of damages)
            if (row === i) cells[cell] = end ? `${cells[cell]}"` : `"${cells[cell]}`;
          return cells.join(';');
        })}`;
        const { rows_read, published, quarantined, rows } = await readCsvText(text);
        expect([rows_read, published + quarantined]).toEqual([60, 60]);
        for (const [id, , val] of rows)
          expect(Number(String(val).replaceAll('"', ''))).toBe(Number(String(id).replaceAll('"', '')) * 3);
      }),
      // A seed: of some thousand such files one is well-formed by RFC 4180 as it stands, with a row in a cell.
      { numRuns: 300, seed: 9 },
    );
  });
});

describe('the first line against the lines below it', () => {
  const titles: [string, (i: number) => string][] = [
    ['year,NC,ND,NE', (i) => `${1900 + (i % 100)},${i},${i * 2},${i * 3}`],
    ['uf,valor,valor,valor', (i) => `U${i},${i},${i + 1},${i + 2}`],
    ['uf,valor,valor,valor,valor,valor', (i) => `U${i},${i},${i + 1},${i + 2},${i + 3},1`],
    [`nome,${'t'.repeat(130)}`, (i) => `n${i},x${i}`],
    ['pais,2021,2020,2019', (i) => `P${i},${i},${i + 7},${i + 9}`],
    ['pais,1990,2000,2010,2022', (i) => `P${i},${i},${i + 7},${i + 9},${i}`],
    ['pais,1990,2000,1995,2022', (i) => `P${i},${i},${i + 7},${i + 9},nd`],
    ['pais,1980.0,1981.0', (i) => `P${i},${i},${i + 7}`],
    ['pais,2020-01,2020-02', (i) => `P${i},${i},${i + 7}`],
    ['mes,1,2,3,4,5', (i) => `M${i},${i * 7},${i * 3},${i + 40},${i},${i * 2}`],
    ['pais,2021,2020,2019', (i) => `P${i},${2000 + (i % 20)},${1990 + (i % 30)},2001`],
    ['ano,2020', (i) => `${1800 + i},${i * 5000}`],
    ['ND,NC,uf', (i) => `${i % 7},${i},U${i % 27}`],
  ];
  it.each(titles)('C2: %s over 200 rows is a header', async (header, row) => {
    const { rows_read, header: found } = await readCsvText(`${header}\n${lines(200, row)}`);
    expect(found).toEqual(header.split(','));
    expect(rows_read).toBe(200);
  });

  it('C2: a line like the others is none, and where it is not clear both readings are told', () => {
    expect(sniff(lines(200, (i) => `P${i},${i},${i + 7},1990`)).header_line).toBeNull();
    expect(sniff(lines(200, (i) => `P${i},${1900 + (i % 100)},${1950 + (i % 50)}`)).header_line).toBeNull();
    const text = sniff(lines(200, (i) => `word${i},other${i * 3}`));
    expect(text.uncertain).toMatchObject([{ about: 'header', line: 1 }]);
    expect(sniff(`nome,sexo\n${lines(200, (i) => `n${i},${i % 2 ? 'M' : 'F'}`)}`)).toMatchObject({
      header_line: 1,
      uncertain: [],
    });
  });
});

describe('blanks, quotes and delimiters too many', () => {
  it('C3: a blank behind the delimiter does not hide a quote', async () => {
    const { rows, names } = await readCsvText('id, name\n1, "Doe, John"\n2, "Roe, Jane"\n3, Poe\n');
    expect(names).toEqual(['id', 'name']);
    expect(rows).toEqual([
      [1, 'Doe, John'],
      [2, 'Roe, Jane'],
      [3, 'Poe'],
    ]);
    expect((await readCsvText('id, name\n1, "Doe, John"\n')).rows).toEqual([[1, 'Doe, John']]);
    expect((await readCsvText('a; b; c\n1; 2; x y\n3; 4; z\n')).rows).toEqual([
      [1, 2, 'x y'],
      [3, 4, 'z'],
    ]);
  });

  it('C3: single quotes quote, but the one of a name does not', async () => {
    expect((await readCsvText("id,name\n1,'x, y'\n2,'z'\n")).rows).toEqual([
      [1, 'x, y'],
      [2, 'z'],
    ]);
    expect((await readCsvText("name,id\n'x, y',1\n'it''s, z',2\n")).rows).toEqual([
      ['x, y', 1],
      ["it's, z", 2],
    ]);
    expect((await readCsvText("id,name\n1,O'Brien\n2,'t Hooft\n3,D'Arc\n")).rows.map(([, name]) => name)).toEqual([
      "O'Brien",
      "'t Hooft",
      "D'Arc",
    ]);
  });

  it('C4: a delimiter too many, on the header, the rows or both, is no column', async () => {
    for (const text of [
      'a,b,c,\n1,2,3\n4,5,6\n',
      'a,b,c\n1,2,3,\n4,5,6,\n',
      'a,b,c,\n1,2,3,\n4,5,6,\n',
      'a,b,c,,\n1,2,3\n4,5,6,,\n',
    ]) {
      const { rows, names, quarantined } = await readCsvText(text);
      expect([names, rows, quarantined]).toEqual([
        ['a', 'b', 'c'],
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        0,
      ]);
    }
  });

  it('C4: a cell behind the last column is not dropped, and a name over blank cells is a column', async () => {
    const odd = await readCsvText('a,b,\n1,2,\n3,4,\n5,6,7\n');
    expect([odd.names, odd.published]).toEqual([['a', 'b', 'column_3'], 3]);
    const late = await readCsvText(`a,b,\n${'1,2,\n'.repeat(70_000)}5,6,7\n`);
    expect([late.names, late.published, late.quarantined]).toEqual([['a', 'b'], 70_000, 1]);
    expect((await readCsvText('a,b,c\n1,2,\n3,4,\n')).names).toEqual(['a', 'b', 'c']);
  });

  it('C7: lines of delimiters and notes at the foot are no rows', async () => {
    expect((await readCsvText('a,b\n1,2\n3,4\n,\n')).rows_read).toBe(2);
    const noted = await readCsvText('uf;valor\nSP;1\nRJ;2\n;\n;\n"Fonte: IBGE";\n');
    expect(noted.rows).toEqual([
      ['SP', 1],
      ['RJ', 2],
    ]);
    expect(noted.notes).toEqual([{ line: 6, text: 'Fonte: IBGE' }]);
  });

  it('C7: notes of other words, and without delimiters; a row with one cell is a row', async () => {
    const noted = await readCsvText(
      'ano;valor\n2001;1\n2002;2\n\nNota: dados preliminares\n* sujeito a revisão;\nElaborado em 2020;\n',
    );
    expect(noted.rows).toEqual([
      [2001, 1],
      [2002, 2],
    ]);
    expect(noted.notes).toHaveLength(3);
    const sentence = await readCsvText('ano;valor\n2001;1\n2002;2\nValores em milhares de reais;\n');
    expect([sentence.types, sentence.rows_read]).toEqual([['int32', 'int32'], 2]);
    expect((await readCsvText('pais;valor\nChile;1\nPeru;\nCuba;3\n')).rows[1]).toEqual(['Peru', null]);
  });

  it.each(['"sep=;"', 'sep=;', 'SEP=;', '"sep=;";', 'sep=;;'])('C8: %s is no header', async (first) => {
    const { rows, names } = await readCsvText(`${first}\na;b\n1;x,y\n2;z,w\n3;v,u\n`);
    expect(names).toEqual(['a', 'b']);
    expect(rows).toEqual([
      [1, 'x,y'],
      [2, 'z,w'],
      [3, 'v,u'],
    ]);
  });

  it('C8: it is no row of a file without a header either', async () => {
    expect((await readCsvText('"sep=|"\n1|2\n3|4\n5|6\n')).rows).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });
});

describe('characters that were lost', () => {
  const text = `id;nome\n${lines(50, (i) => (i % 20 === 7 ? `${i};Fris\ufffdo` : `${i};Orgânico`))}`;

  it('E8: a row with U+FFFD is quarantined, wherever the file is cut', async () => {
    const bytes = Buffer.from(text);
    for (const size of [3, 64, 1 << 20]) {
      const { published, quarantine } = await readCsvText(bytes, {}, size);
      expect(published).toBe(47);
      expect(quarantine.map(({ line, column }) => [line, column])).toEqual([
        [8, null],
        [28, null],
        [48, null],
      ]);
      expect(quarantine[0].reason).toContain('U+FFFD');
    }
  });

  it('E8: a line of Latin-1 among lines of UTF-8 is read as such by readCsv, near the beginning and far behind it', async () => {
    const odd = Buffer.from('7;Frisão\n', 'latin1');
    for (const count of [1, 40_000]) {
      const utf8 = Buffer.from(lines(count, () => '1;Orgânico'));
      const { rows } = await readCsvText(Buffer.concat([Buffer.from('id;nome\n'), utf8, odd]));
      expect([rows[0][1], rows.at(-1)?.[1], rows.length]).toEqual(['Orgânico', 'Frisão', count + 1]);
    }
  });
});
