import { gzipSync } from 'node:zlib';
import { fileSink } from '@granary/tabular/sink';
import type { QuarantineEntry } from '@granary/tabular/table';

const MEMBER_CHARACTERS = 256 * 1024;

/** Readers of lines, Node's own among them, also end one at U+2028 and U+2029, which JSON does not escape. */
const lineOf = (entry: QuarantineEntry): string =>
  JSON.stringify(entry).replace(SEPARATORS, (sign) => (sign === '\u2028' ? '\\u2028' : '\\u2029'));
const SEPARATORS = /[\u2028\u2029]/g;

/**
 * Writes entries as gzipped NDJSON, a gzip member for every 256 KiB (members follow each other, RFC 1952), so that
 * memory stays flat.
 */
export const quarantineWriter = (path: string) => {
  const sink = fileSink(path);
  let text = '';
  let members = 0;
  const flush = (): void => {
    sink.write(gzipSync(text));
    text = '';
    members += 1;
  };
  return {
    write(entry: QuarantineEntry): void {
      text += `${lineOf(entry)}\n`;
      if (text.length >= MEMBER_CHARACTERS) flush();
    },
    end() {
      // Without any entry it is still a gzip file.
      if (text !== '' || members === 0) flush();
      return sink.end();
    },
    restart(): void {
      sink.restart();
      text = '';
      members = 0;
    },
    abandon: sink.abandon,
  };
};
