/** A file in a form that the byte-level engine does not speak, turned into the one that it reads best. */
import type { Dialect, WrittenForm } from '../table.ts';
import { foreignRecords, type Parse } from './foreign-records.ts';
import { piecesOf, sureRecord } from './sure-form.ts';
import { swallowsRecords } from './swallowed-lines.ts';
import { type CsvInput, utf8Chunks } from './utf8-chunks.ts';

/** A record as it stands in the file; `reason`: why it cannot be told what its cells are. */
export type ForeignText = { raw: string; reason?: string };

export type ForeignInput = CsvInput & {
  /** The record that began in a line, of the pieces that were read last. */
  textAt(line: number): ForeignText | undefined;
};

/** Pieces whose text is kept: a record of the one before may not have ended when the next one is asked for. */
const KEPT = 3;

/** A backslash before something that needs none says that backslashes are not escapes, or not only. */
export const isDoubtful = (raw: string, form: WrittenForm): boolean =>
  form.escape === 'backslash' &&
  [...raw.matchAll(/\\([\s\S])/g)].some(([, next]) => !['\\', '\n', form.quote, form.delimiter[0]].includes(next!));

/** A line of such a record, as a record of another width than the table's. */
const refused = (text: string, width: number): string => sureRecord([text, ...(width === 2 ? ['?', '?'] : ['?'])]);

/**
 * Each record stands on the line on which it stands in the file. One whose quotes joined records, or whose escapes may
 * mean two things, is given line by line, so that no cell of it is taken for one.
 */
export const foreignInput = (
  parse: Parse,
  input: CsvInput,
  encoded: Pick<Dialect, 'encoding' | 'mojibake' | 'bom'>,
  form: WrittenForm,
): ForeignInput => {
  let texts: Map<number, ForeignText>[] = [];
  const records = function* (): Generator<string> {
    let at = 1;
    let width = 0;
    texts = [new Map()];
    // Any line end is LF from here on, as in a file of CR alone.
    const chunks = utf8Chunks(input.chunks(), { ...encoded, newline: '\r' } as Dialect);
    for (const { cells, line, raw, open } of foreignRecords(parse, chunks, form)) {
      const reason = open
        ? 'a quote in it is never closed'
        : cells.some((cell) => swallowsRecords(cell, form.delimiter, width))
          ? 'a quote joins it with other lines'
          : isDoubtful(raw, form)
            ? 'a backslash in it stands before something that needs none'
            : undefined;
      const lines: { line: number; text: string; known: ForeignText }[] =
        reason === undefined
          ? [{ line, text: sureRecord(cells), known: { raw } }]
          : raw
              .split('\n')
              .map((own, index) => ({ line: line + index, text: refused(own, width), known: { raw: own, reason } }));
      if (reason === undefined) width = cells.length;
      for (const { line: own, text, known } of lines) {
        texts.at(-1)!.set(own, known);
        yield `${'\n'.repeat(Math.max(0, own - at))}${text}\n`;
        at = own + text.split('\n').length;
      }
    }
  };
  return {
    chunks: () =>
      piecesOf(records(), () => {
        texts = [...texts.slice(1 - KEPT), new Map()];
      }),
    textAt: (line) => texts.find((known) => known.has(line))?.get(line),
  };
};
