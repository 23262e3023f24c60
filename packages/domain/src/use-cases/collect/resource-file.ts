import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ResourceFile } from '../../reading.ts';

/** Small enough that between chunks other work of the process gets its turn soon. */
const CHUNK = 256 * 1024;

/** A local file as readers see it. Errors of the file system are thrown as they are. */
export const openResourceFile = (path: string): ResourceFile & { close(): void } => {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  const readInto = (target: Uint8Array, from: number): number => {
    let filled = 0;
    for (let got = -1; got !== 0 && filled < target.length; filled += got)
      got = readSync(file, target, filled, target.length - filled, from + filled);
    return filled;
  };
  return {
    bytes: size,
    *chunks() {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(size, 1)));
      for (let at = 0; at < size; at += chunk.length) yield chunk.subarray(0, readInto(chunk, at));
    },
    read(from, to) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, size) - from));
      return bytes.subarray(0, readInto(bytes, from));
    },
    close: () => closeSync(file),
  };
};
