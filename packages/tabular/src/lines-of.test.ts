import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linesOf } from './lines-of.ts';

const all = async (chunks: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(chunks)) lines.push(line);
  return lines;
};

describe('Lines', () => {
  it('end at line feeds alone, wherever the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u2028', '\u2029', '\u0085', '"') })),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(at * size, (at + 1) * size),
          );
          expect(await all(Readable.from(chunks))).toEqual(lines);
        },
      ),
    ));

  it('has the last one without a line feed, and none of nothing', async () => {
    expect(await all(Readable.from([Buffer.from('a\n\nb')]))).toEqual(['a', '', 'b']);
    expect(await all(Readable.from([]))).toEqual([]);
  });

  it('fails where its bytes do, instead of ending early', async () => {
    const cut = gzipSync('a\nb\n'.repeat(10_000)).subarray(0, 50);
    await expect(all(Readable.from([cut]).pipe(createGunzip()))).rejects.toThrow('unexpected end of file');
  });
});
