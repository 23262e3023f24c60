/**
 * The wide shape: the long rows of a dataset turned back into the file's own, one record a line and one key a
 * figure. Written by hand: JSON.stringify would put `1970` before `produto`, since it looks like an index.
 */
import type { FileKind } from './files.ts';
import { type WideColumn, wideColumns } from './wide.ts';

/** Long rows by column. */
export type LongRows = {
  length: number;
  /** Null where a file has no sections. */
  section: ArrayLike<string | null>;
  name: ArrayLike<string>;
  year: ArrayLike<number>;
  line: ArrayLike<number>;
  figures: Readonly<Partial<Record<WideColumn['field'], ArrayLike<number | null>>>>;
};

type SourceLine = { section: string | null; name: string; line: number; rowOfYear: Map<number, number> };

/** What the first key of a record is called. */
const NAME_KEYS = { production: 'produto', trade: 'pais' } as const;

/**
 * `{ "<SECTION>": [record, …] }`, or a list where there are no sections; records, sections and figures in the file's
 * order. A figure of the header that was not published (missing, or in quarantine) is null, so that all records have
 * the same keys. `header` is the source's own.
 */
export const wideJson = (rows: LongRows, header: readonly string[], kind: FileKind): string => {
  const columns = columnsOf(rows, header, kind);
  const sections = new Map<string | null, string[]>();
  for (const line of linesOf(rows)) {
    const record = recordJson(rows, line, columns, NAME_KEYS[kind]);
    const others = sections.get(line.section);
    if (others) others.push(record);
    else sections.set(line.section, [record]);
  }
  const unnamed = sections.get(null) ?? [];
  if (sections.size === 0 || (sections.size === 1 && unnamed.length > 0)) return `[${unnamed.join(',')}]`;
  const members = [...sections].map(([section, records]) => `${JSON.stringify(section ?? '')}:[${records.join(',')}]`);
  return `{${members.join(',')}}`;
};

/** The figures of the header; those of the rows in ascending order when it names none. */
const columnsOf = (rows: LongRows, header: readonly string[], kind: FileKind): readonly WideColumn[] => {
  const named = wideColumns(header, kind);
  if (named.length > 0) return named;
  const years = [...new Set(Array.from(rows.year))].sort((a, b) => a - b).map(String);
  return wideColumns(kind === 'trade' ? years.flatMap((year) => [year, year]) : years, kind);
};

/** The lines of the source, in its order: the total of a section is its first line. */
const linesOf = (rows: LongRows): SourceLine[] => {
  const lines = new Map<number, SourceLine>();
  for (let i = 0; i < rows.length; i++) {
    const number = rows.line[i];
    const known = lines.get(number);
    if (known) known.rowOfYear.set(rows.year[i], i);
    else {
      const rowOfYear = new Map([[rows.year[i], i]]);
      lines.set(number, { section: rows.section[i], name: rows.name[i], line: number, rowOfYear });
    }
  }
  return [...lines.values()].sort((a, b) => a.line - b.line);
};

const recordJson = (rows: LongRows, line: SourceLine, columns: readonly WideColumn[], name_key: string): string => {
  let text = `{"${name_key}":${JSON.stringify(line.name)}`;
  for (const { key, year, field } of columns) {
    const row = line.rowOfYear.get(year);
    text += `,"${key}":${figure(row === undefined ? null : rows.figures[field]?.[row])}`;
  }
  return `${text}}`;
};

/** The shortest text that reads back as the same double. */
const figure = (value: number | null | undefined): string => (value == null ? 'null' : String(value));
