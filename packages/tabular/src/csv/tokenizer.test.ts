import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Dialect } from '../table.ts';
import { type CsvRow, createTokenizer } from './tokenizer.ts';

const plain: Dialect = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: ';',
  quote: '"',
  newline: '\n',
  header_line: null,
  decimal: '.',
  thousands: null,
};

const tokenize = (bytes: Uint8Array, dialect: Partial<Dialect> = {}, cuts: readonly number[] = []): CsvRow[] => {
  const rows: CsvRow[] = [];
  const tokenizer = createTokenizer({ ...plain, ...dialect }, (row) => rows.push(row));
  let from = 0;
  for (const cut of [...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)) {
    tokenizer.push(bytes.subarray(from, cut));
    from = cut;
  }
  tokenizer.push(bytes.subarray(from));
  tokenizer.end();
  return rows;
};
const fieldsOf = (text: string, dialect: Partial<Dialect> = {}) =>
  tokenize(Buffer.from(text), dialect).map((row) => row.fields);

describe('createTokenizer', () => {
  it('agrees with csv-parse on valid CSV, wherever the chunks are cut', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'é', '🍇', ' ', '1', '"', ';', ',', '\n', '\r\n', '\t', 'ã'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        fc.constantFrom(';', ',', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(400), { maxLength: 6 }),
        fc.boolean(),
        (table, delimiter, newline, cuts, lastNewline) => {
          const lines = table.map((row) =>
            row
              .map(([text, quoted]) => (quoted || /[";,|\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
              .join(delimiter),
          );
          const text = lines.join(newline) + (lastNewline ? newline : '');
          const expected = (
            parse(text, {
              delimiter,
              record_delimiter: ['\n', '\r\n'],
              relax_column_count: true,
              skip_empty_lines: true,
            }) as string[][]
          ).filter(
            (row) =>
              !(
                row.length === 1 &&
                row[0].trim() === '' &&
                row[0] !== '' &&
                delimiter !== '\t' &&
                !/[\n]/.test(row[0]) &&
                !text.includes(`"${row[0]}"`)
              ),
          );
          const ours = tokenize(
            Buffer.from(text),
            { delimiter: delimiter as Dialect['delimiter'], newline: newline as Dialect['newline'] },
            cuts,
          ).map((row) => row.fields);
          const blank = (row: string[]) => row.length === 1 && row[0].trim() === '';
          expect(ours.filter((row) => !blank(row))).toEqual(expected.filter((row) => !blank(row)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same rows for every chunking of any bytes', () => {
    const byte = fc.constantFrom(...Buffer.from('ab;";;""\n\r\n\r1é'), 0xff, 0xc3, 0xe2, 0x80);
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 80 }),
        fc.array(fc.nat(80), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (bytes, cuts, newline) => {
          const file = Uint8Array.from(bytes);
          const dialect = { newline } as Partial<Dialect>;
          expect(tokenize(file, dialect, cuts)).toEqual(tokenize(file, dialect));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('counts blank lines and line breaks inside quotes', () => {
    const rows = tokenize(Buffer.from('a;b\r\n\r\n  \r\n1;"x\r\ny"\r\n2;z'), { newline: '\r\n' });
    expect(rows).toEqual([
      { line: 1, fields: ['a', 'b'], raw: 'a;b' },
      { line: 4, fields: ['1', 'x\r\ny'], raw: '1;"x\r\ny"' },
      { line: 6, fields: ['2', 'z'], raw: '2;z' },
    ]);
  });

  it('keeps records whose cells are all empty, since they are not blank lines', () => {
    expect(fieldsOf(';;\n""\n')).toEqual([['', '', ''], ['']]);
  });

  it('takes a field that goes on after its closing quote as it stands', () => {
    expect(fieldsOf('"1"2;3\n"a"b"c;d\n5";6\n')).toEqual([
      ['"1"2', '3'],
      ['"a"b"c', 'd'],
      ['5"', '6'],
    ]);
  });

  it('does not let an unclosed quote swallow the end of the file', () => {
    expect(fieldsOf('a;b\n"1;2\n3;4\n')).toEqual([
      ['a', 'b'],
      ['"1', '2'],
      ['3', '4'],
    ]);
  });

  it('reads lines that end with CR alone when the dialect says so', () => {
    expect(fieldsOf('a;b\r1;2\r', { newline: '\r' })).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('refuses a line that never ends', () => {
    const tokenizer = createTokenizer(plain, () => {});
    const megabyte = Buffer.alloc(1 << 20, 0x61);
    expect(() => {
      for (let i = 0; i < 9; i++) tokenizer.push(megabyte);
    }).toThrow(/line 1 is longer than/);
  });

  it('drops the byte order mark, whatever the chunks', () => {
    expect(tokenize(Buffer.from('\ufeffid;b\n'), { bom: true }, [1, 2, 3])[0].fields).toEqual(['id', 'b']);
    expect(tokenize(Buffer.from('\ufeffid;b\n', 'utf16le'), { encoding: 'utf-16le' }, [1, 3])[0].fields).toEqual([
      'id',
      'b',
    ]);
  });

  it('reads windows-1252, UTF-16 and text that was encoded twice', () => {
    expect(tokenize(Buffer.from([0x50, 0xe3, 0x6f, 0x3b, 0x80]), { encoding: 'windows-1252' })[0].fields).toEqual([
      'Pão',
      '€',
    ]);
    expect(tokenize(Buffer.from('é;ü', 'utf16le').swap16(), { encoding: 'utf-16be' })[0].fields).toEqual(['é', 'ü']);
    expect(tokenize(Buffer.from('ProduÃ§Ã£o;SÃ£o;ÃREA'), { mojibake: true }, [6, 7, 9, 10, 11])[0].fields).toEqual([
      'Produção',
      'São',
      'ÃREA',
    ]);
  });

  it('takes bytes that are not UTF-8 in a UTF-8 file for windows-1252 instead of losing them', () => {
    const bytes = Buffer.concat([Buffer.from('São;'), Buffer.from([0x50, 0xe3, 0x6f]), Buffer.from(';🍇\n')]);
    expect(tokenize(bytes, {}, [2, 6, 11])[0].fields).toEqual(['São', 'Pão', '🍇']);
  });
});
