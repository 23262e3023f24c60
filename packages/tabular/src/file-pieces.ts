import { createReadStream, type ReadStream, statSync } from 'node:fs';

/**
 * A file in pieces of at most `most` bytes. A stream takes memory for a whole piece at each read, also for the one that
 * finds the end: most files are far smaller than a piece, and what is taken and not used makes the collector run.
 * Throws what the system says of a file that is not there.
 */
export const filePieces = (path: string, most: number): ReadStream =>
  createReadStream(path, { highWaterMark: Math.min(most, Math.max(statSync(path).size, 1024)) });
