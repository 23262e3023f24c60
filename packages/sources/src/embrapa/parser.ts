import { RefusedContent } from '@granary/domain/errors';
import type { Emit, ParseOptions, ParseReport, ResourceParser } from '@granary/domain/source';
import { type CsvRow, createTokenizer, type Tokenizer, UnreadableText } from '@granary/tabular/csv/tokenizer';
import { createTableBuilder } from '@granary/tabular/table-builder';
import { refuseOtherThanText } from './content-check.ts';
import { findDialect } from './dialect.ts';
import { createFigureReader } from './figures.ts';
import type { EmbrapaFile } from './files.ts';
import { createLineReader } from './lines.ts';

/** Bytes that are looked at before the first row is read: more than the largest real file has. */
const SAMPLE_BYTES = 65_536;

type Reading = { tokenizer: Tokenizer; end(): ParseReport };

/**
 * Parses one file into its normal form. The first 64 KiB decide on dialect, header and figure marks; then lines stream.
 * `rows emitted + quarantined rows` is the number of rows read: lines × years. Throws RefusedContent from `push` or `end`.
 */
export const parseEmbrapaFile = (file: EmbrapaFile, options: ParseOptions, emit: Emit): ResourceParser => {
  const { processing_date } = options;
  let held: Uint8Array[] = [];
  let bytes = 0;
  let reading: Reading | undefined;

  const begin = (complete: boolean): Reading => {
    const sample = Buffer.concat(held);
    held = [];
    refuseOtherThanText(sample);
    const latest = Number(processing_date.slice(0, 4));
    const { dialect, layout, rows } = findDialect(sample, { kind: file.kind, latest, complete });
    const figures = createFigureReader();
    const begins = layout.header_line ?? 0;
    for (const row of rows)
      if (row.line > begins) for (const cell of row.fields.slice(layout.first_figure)) figures.observe(cell);

    const { fields, key } = file.dataset;
    const builder = createTableBuilder({ fields, key }, { emit: emit.rows });
    const readLine = createLineReader(
      { file, layout, figures, delimiter: dialect.delimiter, processing_date },
      { row: builder.append, quarantine: emit.quarantine },
    );
    const titles: CsvRow[] = [];
    let lines = 0;
    let empty = 0;
    const tokenizer = createTokenizer(dialect, (row) => {
      if (row.line === layout.header_line) return;
      if (row.line < begins && row.fields.filter((cell) => cell.trim() !== '').length <= 1) {
        titles.push(row);
        return;
      }
      if (readLine(row)) empty++;
      else lines++;
    });
    tokenizer.push(sample);
    return {
      tokenizer,
      end() {
        tokenizer.end();
        if (lines === 0) throw new RefusedContent('The file has a header and no rows.');
        const odd = tokenizer.odd_lines();
        builder.end();
        const notes = [
          ...(dialect.mojibake
            ? ['The file was encoded twice (UTF-8 taken for windows-1252); its text was repaired.']
            : []),
          ...(dialect.encoding === 'utf-8' ? [] : [`The file is encoded as ${dialect.encoding}.`]),
          ...(odd > 0
            ? [`${odd} of its lines ${odd === 1 ? 'is' : 'are'} in another encoding; each line was read in its own.`]
            : []),
          ...layout.notes,
          ...titles
            .filter((row) => row.raw.trim() !== '')
            .map((row) => `Line ${row.line} stands before the header: ${row.raw.trim()}`),
          ...(empty > 0 ? [`${empty} lines of empty cells were passed over.`] : []),
        ];
        return { dialect: { ...dialect, ...figures.marks() }, header: layout.header, notes };
      },
    };
  };

  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof UnreadableText) throw new RefusedContent(`The file is no table: ${error.message}.`);
      throw error;
    }
  };

  return {
    push: (chunk) =>
      guarded(() => {
        if (reading) return reading.tokenizer.push(chunk);
        // Copied: the caller may use its buffer again.
        held.push(Buffer.from(chunk));
        bytes += chunk.length;
        if (bytes >= SAMPLE_BYTES) reading = begin(false);
      }),
    end: () =>
      guarded(() => {
        reading ??= begin(true);
        return reading.end();
      }),
  };
};
