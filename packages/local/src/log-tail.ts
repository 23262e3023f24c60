import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How often files are looked at; one that has not grown costs one call. */
const LOOK_MS = 2_000;
const CHUNK = 1 << 20;

/**
 * Gives every whole line that is written to `path` from now on to `onLines`, some at a time. A file that is not there
 * yet is waited for; one that becomes shorter is read from its beginning.
 */
export const tailLines = (path: string, onLines: (lines: readonly string[], bytes: number) => void) => {
  let at = 0;
  let rest = Buffer.alloc(0);
  const look = (): void => {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return;
    }
    try {
      const { size } = fstatSync(file);
      if (size < at) {
        at = 0;
        rest = Buffer.alloc(0);
      }
      const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(0, size - at)));
      while (at < size) {
        const read = readSync(file, chunk, 0, chunk.length, at);
        if (read === 0) return;
        at += read;
        const text = Buffer.concat([rest, chunk.subarray(0, read)]);
        const end = text.lastIndexOf(10);
        rest = Buffer.from(text.subarray(end + 1));
        if (end >= 0) onLines(text.toString('utf8', 0, end).split('\n'), end + 1);
      }
    } finally {
      closeSync(file);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return {
    /** Reads what has come since, now. */
    look,
    stop() {
      clearInterval(timer);
      look();
    },
  };
};
