import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTextDecoding, decodeSample } from './encoding.ts';
import { sniffEncoding } from './sniff-encoding.ts';
import { utf8Chunks } from './utf8-chunks.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array): string => decodeSample(bytes, sniffEncoding(bytes));

const portuguese = fc.string({
  unit: fc.constantFrom(...'abcçãéÓÃôí ;,.12ªº°'),
  minLength: 1,
  maxLength: 12,
});

describe('lines of two encodings in one file', () => {
  it('E8: a UTF-8 file with a line of Latin-1 is read line by line, by both ways to read bytes', () => {
    const bytes = Buffer.concat([Buffer.from('1;Orgânico\n'), latin1('2;Frisão\n'), Buffer.from('3;Ímpar\n')]);
    const text = '1;Orgânico\n2;Frisão\n3;Ímpar\n';
    expect(sniffEncoding(bytes).encoding).toBe('utf-8');
    expect(textOf(bytes)).toBe(text);
    const dialect = { ...sniffEncoding(bytes), delimiter: ';', quote: '"', newline: '\n', header_line: null } as const;
    const chunks = [...utf8Chunks([bytes], { ...dialect, decimal: '.', thousands: null })].map((chunk) =>
      Buffer.from(chunk),
    );
    expect(Buffer.concat(chunks).toString()).toBe(text);
  });

  it('E8: any mixture of lines of both gives each line as it was written, wherever the file is cut', () => {
    const line = fc.tuple(portuguese, fc.boolean());
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(200)), (lines, cuts) => {
        const written = lines.map(([text, utf8]) => (utf8 ? Buffer.from(`${text}\n`) : latin1(`${text}\n`)));
        // `Ãº` in Latin-1 is `ú` in UTF-8: nobody can tell.
        fc.pre(lines.every(([line, utf8]) => utf8 || !/[\xc2-\xf4][\x80-\xbf]/.test(line)));
        const bytes = Buffer.concat(written);
        const decoding = createTextDecoding({ encoding: 'utf-8', mojibake: false });
        let text = '';
        let from = 0;
        for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
          text += decoding.push(bytes.subarray(from, cut));
          from = cut;
        }
        text += decoding.end();
        const expected = lines.map(([line]) => line);
        const misread = text.split('\n').filter((got, i) => got !== (expected[i] ?? '') && !got.includes('\ufffd'));
        expect(misread).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('E8: capitals before a closing quote are windows-1252, although their bytes are UTF-8 too', () => {
    const line = Buffer.from([0x93, 0x43, 0x41, 0x46, 0xc9, 0x94, 0x0a]);
    expect(textOf(Buffer.concat([Buffer.from('Orgânico\n'), line]))).toBe('Orgânico\n“CAFÉ”\n');
    expect(textOf(Buffer.from([0x43, 0x41, 0x46, 0xc9, 0x94, 0x0a, 0xe3, 0x0a, 0xe9, 0x0a]))).toBe('CAFÉ”\nã\né\n');
  });

  it('E8: a byte that is lost in a line of another script is not made a letter of Latin-1', () => {
    const bytes = Buffer.concat([
      Buffer.from('город;Москва\nгород;Вла'),
      Buffer.from([0xd0]),
      Buffer.from('ивосток\n'),
    ]);
    expect(textOf(bytes)).toBe('город;Москва\nгород;Вла\ufffdивосток\n');
  });

  it('E8: tells how many lines were in another encoding', () => {
    const decoding = createTextDecoding({ encoding: 'utf-8', mojibake: false });
    decoding.push(Buffer.concat([Buffer.from('São\n'), latin1('Não\n'), latin1('Pão\n')]));
    expect(decoding.odd_lines()).toBe(2);
  });
});
