import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { filePieces } from './file-pieces.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-pieces-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([0, 1, 1024, 5000, 100_001])(
  'gives a file of %i bytes whole, and takes no more memory than it needs',
  async (size) => {
    const path = join(folder, String(size));
    const bytes = Buffer.alloc(size, 'abc');
    writeFileSync(path, bytes);
    const stream = filePieces(path, 1 << 16);
    expect(stream.readableHighWaterMark).toBeLessThanOrEqual(Math.min(1 << 16, Math.max(size, 1024)));
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(1 << 16);
  },
);

it('says what the system says of a file that is not there', () => {
  expect(() => filePieces(join(folder, 'none'), 1024)).toThrow(/ENOENT/);
});
