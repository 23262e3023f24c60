/**
 * One gzip member made of blocks that are compressed one by one, so that they can be compressed in parallel (as pigz
 * does) and always come out the same. The cost is under one per cent of size at blocks of a megabyte.
 */
import { availableParallelism } from 'node:os';
import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';
import type { Sink } from './sink.ts';

// Magic, deflate, no flags, no time (so that equal tables are equal files), unknown system.
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const BLOCK = 1 << 20;
/** Most files are far smaller than a block: a block begins so, and grows. */
const FIRST_BYTES = 1 << 14;
const flushed = (level: number, bytes: number) => ({
  level,
  finishFlush: constants.Z_FULL_FLUSH,
  chunkSize: Math.min(1 << 19, Math.max(bytes, 1024)),
});

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
  let block: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let filled = 0;
  const reserve = (bytes: number): void => {
    if (bytes <= block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(block.length * 2, bytes)));
    larger.set(block.subarray(0, filled));
    block = larger;
  };
  const flush = (): void => {
    if (filled === 0) return;
    const full = block.subarray(0, filled);
    block = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    filled = 0;
    onBlock(full);
  };
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + BLOCK - filled);
        reserve(filled + piece.length);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled === BLOCK) flush();
      }
    },
    giveBack: (full) => {
      spare.push(Buffer.from(full.buffer));
    },
    end: flush,
  };
};

/** Compresses as it is written; `end` writes the rest. `level` is zlib's, 1 to 9. */
export const gzipSink = (sink: Sink, level = 6): Sink & { end(): void } => {
  let checksum = 0;
  let size = 0;
  const queue = blocks((block) => {
    sink.write(deflateRawSync(block, flushed(level, block.length)));
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

// More threads than cores would take turns with the main thread, and then all run dry at once. libuv has four.
const LANES = Math.min(4, Math.max(2, availableParallelism()));

/**
 * One stream of zlib for block after block: each is flushed in full and the stream reset, so that it compresses to the
 * same bytes on any lane. A stream for every block would cost a second round through the thread for its end, behind all
 * blocks that wait.
 */
const createLane = (level: number) => {
  let parts: Uint8Array[] = [];
  const deflate = createDeflateRaw({ level, flush: constants.Z_FULL_FLUSH, chunkSize: 1 << 19 });
  deflate.on('data', (part: Uint8Array) => parts.push(part));
  // Told to the callback of the write; without a listener it would end the process.
  deflate.on('error', () => {});
  return {
    compress(block: Uint8Array, done: (error: Error | null | undefined, parts: Uint8Array[]) => void): void {
      parts = [];
      deflate.write(block, (error) => {
        if (!error) deflate.reset();
        done(error, parts);
      });
    },
    close: () => deflate.close(),
  };
};

/**
 * The same bytes, compressed on the threads of zlib. `write` takes any bytes; `drained` waits until there is room for
 * more, and must be awaited between writes for memory to stay bounded: `atOnce` blocks; `end` waits for all.
 */
export const parallelGzipSink = (
  sink: Sink,
  level = 6,
  atOnce = 8,
): Sink & { drained(): Promise<void>; end(): Promise<void> } => {
  let checksum = 0;
  let size = 0;
  type Job = { block: Uint8Array; parts: Uint8Array[] | null };
  // In the order of the file; those of `waiting` are not begun.
  const pending: Job[] = [];
  const waiting: Job[] = [];
  const lanes = Array.from({ length: LANES }, () => createLane(level));
  const idle = [...lanes];
  let failure: Error | null = null;
  let wake = (): void => {};

  const begin = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const job = waiting.shift()!;
      const lane = idle.pop()!;
      lane.compress(job.block, (error, parts) => {
        if (error) failure = error;
        job.parts = parts;
        queue.giveBack(job.block);
        idle.push(lane);
        begin();
        wake();
      });
    }
  };
  const queue = blocks((block) => {
    const job: Job = { block, parts: null };
    pending.push(job);
    waiting.push(job);
    begin();
  });
  const until = async (left: number): Promise<void> => {
    for (;;) {
      if (failure) throw failure;
      while (pending.length > 0 && pending[0].parts) for (const part of pending.shift()!.parts!) sink.write(part);
      if (pending.length <= left) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  sink.write(HEADER);
  return {
    write(bytes) {
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      queue.write(bytes);
    },
    async drained() {
      // A turn of the event loop, in which lanes that are done take their next block.
      if (pending.length > 0) await new Promise((resolve) => setImmediate(resolve));
      await until(atOnce);
    },
    async end() {
      queue.end();
      await until(0);
      for (const lane of lanes) lane.close();
      sink.write(trailer(checksum, size));
    },
  };
};
