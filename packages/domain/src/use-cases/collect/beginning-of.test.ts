import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fileOfBytes } from '../testing/read-in-memory.ts';
import { beginningOf } from './beginning-of.ts';

const read = (bytes: Uint8Array, most: number, chunk = 7): string => {
  const file = beginningOf(fileOfBytes(bytes, chunk), most);
  const chunks = Buffer.concat([...file.chunks()].map((one) => Buffer.from(one)));
  expect(chunks.length).toBe(file.bytes);
  expect(Buffer.from(file.read(0, 1_000_000)).equals(chunks)).toBe(true);
  return chunks.toString('latin1');
};

describe('The beginning of a file', () => {
  it('ends where its last whole line does', () => {
    expect(read(Buffer.from('a;b\n1;2\n3;4\n'), 10)).toBe('a;b\n1;2\n');
    expect(read(Buffer.from('a;b\n1;2\n3;4\n'), 12)).toBe('a;b\n1;2\n3;4\n');
    expect(read(Buffer.from('a;b\r1;2\r3;4\r'), 10)).toBe('a;b\r1;2\r');
  });

  it('is of lines that the file has, whatever they are and however many bytes are asked for', () => {
    const lines = fc.array(
      fc.string({ minLength: 1, maxLength: 9 }).map((text) => `x${text.replace(/[\r\n]/g, '')}`),
      {
        minLength: 2,
      },
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 10, max: 200 }), fc.integer({ min: 1, max: 30 }), (texts, most, chunk) => {
        const whole = Buffer.from(`${texts.join('\n')}\n`);
        // Half a character of UTF-16 is not looked at.
        fc.pre(whole.indexOf('\n') < most - (most % 2));
        const got = read(whole, most, chunk);
        expect(whole.toString('latin1').startsWith(got)).toBe(true);
        expect(got.endsWith('\n')).toBe(true);
        expect(got.length).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('ends between characters of UTF-16, where a byte alone may look like the end of a line', () => {
    const text = '\ufeffa;b\nĊ;2\n3;4\n';
    const little = Buffer.from(text, 'utf16le');
    expect(Buffer.from(read(little, 20), 'latin1').toString('utf16le')).toBe('\ufeffa;b\nĊ;2\n');
    expect(
      Buffer.from(read(Buffer.from(little).swap16(), 20), 'latin1')
        .swap16()
        .toString('utf16le'),
    ).toBe('\ufeffa;b\nĊ;2\n');
  });

  it.each(['PK\u0003\u0004', '\u00d0\u00cf\u0011\u00e0', '\u001f\u008b', '  <table>', '{"a":', '\ufeff[1,'])(
    'is all of what cannot be read in part: %j',
    (begin) => {
      const bytes = Buffer.from(`${begin}${'x\n'.repeat(100)}`, begin.startsWith('\ufeff') ? 'utf8' : 'latin1');
      expect(beginningOf(fileOfBytes(bytes, 7), 20).bytes).toBe(bytes.length);
    },
  );

  it('is refused where no line ends in it', () => {
    expect(() => beginningOf(fileOfBytes(Buffer.from('x'.repeat(100)), 7), 20)).toThrow(
      'Its first line is longer than the 20 bytes that are read of it.',
    );
  });
});
