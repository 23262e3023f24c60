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

/**
 * The same for a line of ASCII alone, which a warm call writes in half the time: no room is made for characters of
 * several bytes, and none are counted.
 */
export const writeAsciiLine = (line: string, write: AsciiWrite = writeSync): void => {
  let written = 0;
  try {
    written = write(1, line, null, 'latin1');
  } catch {
    // EAGAIN, as above.
  }
  if (written < line.length) process.stdout.write(line.slice(written));
};

type AsciiWrite = (fd: number, text: string, position: null, encoding: 'latin1') => number;

/** JSON of a text, in ASCII. */
export const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
