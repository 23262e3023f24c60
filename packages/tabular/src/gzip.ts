/**
 * One gzip member made of blocks that are compressed one by one, so that they can be compressed in parallel (as pigz does)
 * and always come out the same. The cost is under one per cent of size at blocks of a megabyte.
 */
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import type { Sink } from './sink.ts';

// Magic, deflate, no flags, no time (so that equal tables are equal files), unknown system.
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const BLOCK = 1 << 20;
const flushed = (level: number) => ({ level, finishFlush: constants.Z_FULL_FLUSH, chunkSize: 1 << 19 });

const trailer = (checksum: number, size: number): Uint8Array => {
  const bytes = Buffer.alloc(10);
  // An empty last block ends the stream of flushed ones.
  bytes[0] = 3;
  bytes.writeUInt32LE(checksum, 2);
  bytes.writeUInt32LE(size % 4_294_967_296, 6);
  return bytes;
};

/** Cuts what is written into blocks of a megabyte, whatever the pieces are. A block given back is used again. */
const blocks = (
  onBlock: (block: Uint8Array) => void,
): { write(bytes: Uint8Array): void; giveBack(block: Uint8Array): void; end(): void } => {
  const spare: Buffer[] = [];
  let block: Buffer = Buffer.allocUnsafeSlow(BLOCK);
  let filled = 0;
  const flush = (): void => {
    if (filled === 0) return;
    const full = block.subarray(0, filled);
    block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    filled = 0;
    onBlock(full);
  };
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + BLOCK - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled === BLOCK) flush();
      }
    },
    giveBack: (full) => {
      spare.push(Buffer.from(full.buffer, 0, BLOCK));
    },
    end: flush,
  };
};

/** Compresses as it is written; `end` writes the rest. `level` is zlib's, 1 to 9. */
export const gzipSink = (sink: Sink, level = 6): Sink & { end(): void } => {
  let checksum = 0;
  let size = 0;
  const queue = blocks((block) => {
    sink.write(deflateRawSync(block, flushed(level)));
    queue.giveBack(block);
  });
  sink.write(HEADER);
  return {
    write(bytes) {
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      queue.write(bytes);
    },
    end() {
      queue.end();
      sink.write(trailer(checksum, size));
    },
  };
};

/**
 * The same bytes, compressed on the threads of zlib. `write` takes any bytes; `drained` waits until there is room for more, and must
 * be awaited between writes for memory to stay bounded; `end` waits for all.
 */
export const parallelGzipSink = (
  sink: Sink,
  level = 6,
  atOnce = 3,
): Sink & { drained(): Promise<void>; end(): Promise<void> } => {
  let checksum = 0;
  let size = 0;
  const pending: Promise<Uint8Array>[] = [];
  const compress = (block: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) =>
      deflateRaw(block, flushed(level), (error, bytes) => (error ? reject(error) : resolve(bytes))),
    );
  const queue = blocks((block) => {
    const compressed = compress(block);
    // Looked at in order by shift(); until then a failure must not count as unhandled.
    compressed.catch(() => {});
    pending.push(compressed);
  });
  const shift = async (): Promise<void> => sink.write(await pending.shift()!);
  sink.write(HEADER);
  return {
    write(bytes) {
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      queue.write(bytes);
    },
    async drained() {
      while (pending.length > atOnce) await shift();
    },
    async end() {
      queue.end();
      while (pending.length > 0) await shift();
      sink.write(trailer(checksum, size));
    },
  };
};
