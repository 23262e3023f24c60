/** Where bytes go. */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Takes bytes in order. The caller may use the memory again when `write` has returned. */
export type Sink = { write(bytes: Uint8Array): void };

/** A sink that can forget what was written and begin anew. */
export type RestartableSink = Sink & { restart(): void };

/** What has been written: how much, and its SHA-256 in lower-case hex. */
export type Written = { bytes: number; sha256: string };

/** Pages of a column and their headers are small: a call of the system for each would cost more than a copy. */
const PIECE = 1 << 16;

/**
 * A file that is written anew, in larger pieces than it is given. `end` closes it; so does `abandon`, without a result.
 * Errors of the file system are thrown as they are, by `write` or by `end`.
 */
export const fileSink = (path: string): RestartableSink & { end(): Written; abandon(): void } => {
  const file = openSync(path, 'w');
  let hash = createHash('sha256');
  let bytes = 0;
  let open = true;
  const held = Buffer.allocUnsafe(PIECE);
  let filled = 0;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  const put = (piece: Uint8Array): void => {
    hash.update(piece);
    for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at, piece.length - at, bytes + at);
    bytes += piece.length;
  };
  const flush = (): void => {
    const size = filled;
    filled = 0;
    if (size > 0) put(held.subarray(0, size));
  };
  return {
    write(chunk) {
      if (filled + chunk.length > PIECE) flush();
      if (chunk.length > PIECE) put(chunk);
      else {
        held.set(chunk, filled);
        filled += chunk.length;
      }
    },
    restart() {
      ftruncateSync(file);
      hash = createHash('sha256');
      bytes = 0;
      filled = 0;
    },
    end() {
      try {
        if (open) flush();
      } finally {
        close();
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    abandon: close,
  };
};

/** Keeps what is written in memory. */
export const memorySink = (): RestartableSink & { bytes(): Uint8Array<ArrayBuffer>; end(): Written } => {
  const chunks: Uint8Array[] = [];
  const bytes = (): Uint8Array<ArrayBuffer> => {
    const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  };
  return {
    write: (chunk) => {
      chunks.push(Uint8Array.from(chunk));
    },
    restart() {
      chunks.length = 0;
    },
    bytes,
    end() {
      const whole = bytes();
      return { bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
    },
  };
};
