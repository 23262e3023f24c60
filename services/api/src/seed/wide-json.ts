/**
 * The shape of the seed routes: the long rows of a dataset turned back into the file's own, one record a line and one key a
 * year. Written by hand: JSON.stringify would put `1970` before `produto`, since it looks like an index.
 */

/** Long rows by column. `second` is what a trade file has beside the quantity of each year, its value in US$. */
export type LongRows = {
  length: number;
  /** Null where a file has no sections. */
  section: ArrayLike<string | null>;
  name: ArrayLike<string>;
  year: ArrayLike<number>;
  line: ArrayLike<number>;
  first: ArrayLike<number | null>;
  second?: ArrayLike<number | null>;
};

type Record = { section: string | null; name: string; line: number; rows: Map<number, number> };

/**
 * `{ "<SECTION>": [record, …] }`, or a list where there are no sections; records, sections and years in the file's order. A year of the
 * header that has no published figure (missing, or in quarantine) is null, so that all records have the same keys.
 * `header` is the source's own, `name_key` the key of the product or country.
 */
export const wideJson = (rows: LongRows, header: readonly string[], name_key: string): string => {
  const years = yearsOf(rows, header);
  const sections = new Map<string | null, string[]>();
  for (const record of recordsOf(rows)) {
    const text = recordJson(rows, record, years, name_key);
    const others = sections.get(record.section);
    if (others) others.push(text);
    else sections.set(record.section, [text]);
  }
  if ([...sections.keys()].every((section) => section === null)) return `[${(sections.get(null) ?? []).join(',')}]`;
  const members = [...sections].map(([section, records]) => `${JSON.stringify(section ?? '')}:[${records.join(',')}]`);
  return `{${members.join(',')}}`;
};

/** Each year once, in the order of the header; in ascending order when the header names none. */
const yearsOf = (rows: LongRows, header: readonly string[]): readonly number[] => {
  const named = header.map((cell) => cell.trim()).filter((cell) => /^\d{4}$/.test(cell));
  if (named.length > 0) return [...new Set(named)].map(Number);
  return [...new Set(Array.from(rows.year))].sort((a, b) => a - b);
};

/** The lines of the source with where each year's row is, in the order of the file. The total of a section is its first line. */
const recordsOf = (rows: LongRows): Record[] => {
  const byLine = new Map<number, Record>();
  for (let i = 0; i < rows.length; i++) {
    const line = rows.line[i];
    const known = byLine.get(line);
    if (known) known.rows.set(rows.year[i], i);
    else byLine.set(line, { section: rows.section[i], name: rows.name[i], line, rows: new Map([[rows.year[i], i]]) });
  }
  return [...byLine.values()].sort((a, b) => a.line - b.line);
};

const recordJson = (rows: LongRows, record: Record, years: readonly number[], name_key: string): string => {
  let text = `{${JSON.stringify(name_key)}:${JSON.stringify(record.name)}`;
  for (const year of years) {
    const i = record.rows.get(year);
    text += `,"${year}":${figure(i === undefined ? null : rows.first[i])}`;
    if (rows.second) text += `,"${year}_usd":${figure(i === undefined ? null : rows.second[i])}`;
  }
  return `${text}}`;
};

/** The shortest text that reads back as the same double. */
const figure = (value: number | null): string => (value === null ? 'null' : String(value));
