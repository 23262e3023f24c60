import { randomBytes } from 'node:crypto';
import { createGunzip, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gzipSink } from './gzip.ts';
import { memorySink } from './sink.ts';

const serially = (pieces: readonly Uint8Array[], level?: number): Uint8Array => {
  const target = memorySink();
  const gzip = gzipSink(target, level);
  for (const piece of pieces) gzip.write(piece);
  gzip.end();
  return target.bytes();
};

describe('gzip sinks', () => {
  it('give one gzip member that decompresses to what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
        expect(Buffer.compare(gunzipSync(serially(pieces)), Buffer.concat(pieces))).toBe(0);
      }),
    );
  });

  it('compress over several blocks', () => {
    const piece = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `${i * 7919},`).join(''));
    const pieces = [piece, piece, piece, piece, piece];
    const bytes = serially(pieces, 1);
    expect(Buffer.compare(gunzipSync(bytes), Buffer.concat(pieces))).toBe(0);
    expect(bytes.length).toBeLessThan(piece.length * 5);
  });

  it('give back what cannot be made smaller', () => {
    const noise = randomBytes(5_500_000);
    expect(Buffer.compare(gunzipSync(serially([noise])), noise)).toBe(0);
  });

  it('are read by a streaming reader too', async () => {
    const stream = createGunzip();
    stream.end(serially([Buffer.from('a,b\r\n1,2\r\n')]));
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toBe('a,b\r\n1,2\r\n');
  });

  it('take memory that the caller uses again', () => {
    const target = memorySink();
    const gzip = gzipSink(target);
    const shared = Buffer.from('one');
    gzip.write(shared);
    shared.write('two');
    gzip.write(shared);
    gzip.end();
    expect(gunzipSync(target.bytes()).toString()).toBe('onetwo');
  });
});
