import { writeSync } from 'node:fs';

/**
 * Writes a line where Lambda collects logs, at once: what is still buffered when an invocation ends is frozen with it.
 * Goes past the stream of `process.stdout`, which costs as much again as the system call; the stream takes over when
 * the pipe is full.
 */
export const writeLine = (line: string, write: (fd: number, text: string) => number = writeSync): void => {
  let written = 0;
  try {
    written = write(1, line);
  } catch {
    // EAGAIN: a pipe that does not block is full.
  }
  // In bytes: a character may be cut.
  if (written < Buffer.byteLength(line)) process.stdout.write(Buffer.from(line).subarray(written));
};
