import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { receiveBeginning, receiveBody } from './receive-body.ts';

const BLOCK = Buffer.alloc(65_536, 'x');
const endless = (): Readable =>
  Readable.from(
    (function* () {
      for (;;) yield BLOCK;
    })(),
  );

/** A file on a full disk: `most` bytes are written, and no more. */
const full = (most: number): Writable => {
  let bytes = 0;
  return new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      const error = bytes > most ? Object.assign(new Error('no space left'), { code: 'ENOSPC' }) : null;
      setImmediate(() => done(error));
    },
  });
};

describe.each([
  ['A body', receiveBody],
  ['The beginning of a body', receiveBeginning],
])('%s', (_, receive) => {
  it.each([0, 100_000, 1_000_000])(
    'fails where its file does after %d bytes, instead of waiting for ever',
    async (most) => {
      const body = endless();
      await expect(receive(body, undefined, full(most), 10_000_000)).rejects.toThrow('no space left');
      expect(body.destroyed).toBe(true);
    },
  );

  it('fails where its file failed before', async () => {
    const sink = full(0);
    sink.on('error', () => {});
    sink.destroy(new Error('no such folder'));
    await expect(receive(endless(), undefined, sink, 10_000_000)).rejects.toThrow();
  });
});
