import { DATASET_ID } from '@granary/domain/dataset';
import * as z from 'zod/mini';
import { ColumnsConfig } from '../../column-overrides.ts';
import { RANGE } from '../../sheet-range.ts';

/** What looking at a file cannot tell, or tells wrongly. */
const Declared = {
  dialect: z.optional(
    z.strictObject({
      encoding: z.optional(z.enum(['utf-8', 'windows-1252', 'utf-16le', 'utf-16be'])),
      delimiter: z.optional(z.enum([',', ';', '\t', '|'])),
      quote: z.optional(z.nullable(z.enum(['"', "'"]))),
      /** Line of the header, from 1; null when the file has none. */
      header_line: z.optional(z.nullable(z.int().check(z.minimum(1)))),
      /** Lines of the table where the file holds more than it. */
      first_line: z.optional(z.int().check(z.minimum(1))),
      last_line: z.optional(z.int().check(z.minimum(1))),
      decimal: z.optional(z.enum(['.', ','])),
      thousands: z.optional(z.nullable(z.enum(['.', ',', ' ', "'"]))),
    }),
  ),
  /** Of a workbook: the sheet and the cells of it that are read, such as `B3:F90`. */
  sheet: z.optional(z.string().check(z.minLength(1))),
  range: z.optional(z.string().check(z.regex(RANGE))),
  /** Of a file of JSON: where its records are, such as `$.data.items[*]`. */
  records: z.optional(z.string().check(z.startsWith('$'))),
  /** Markers of values that are not available, such as `s/d`. */
  missing: z.optional(z.array(z.string())),
  columns: z.optional(ColumnsConfig),
};

const text = () => z.string().check(z.minLength(1));
const YEAR = '{year}';

const File = z
  .strictObject({
    /** The dataset that the file becomes; of several tables, or of years, what their datasets' ids begin with. */
    dataset: z.string().check(z.regex(DATASET_ID)),
    /** Relative to the source's base address, or an address of its own. `{year}` in it stands for each of `years`. */
    url: text(),
    /** A file for each year from the first one on: to the last one, or to the year in which it is collected. */
    years: z.optional(
      z
        .strictObject({
          from: z.int().check(z.minimum(1000), z.maximum(9999)),
          to: z.optional(z.int().check(z.minimum(1000), z.maximum(9999))),
        })
        .check(
          z.refine(
            ({ from, to = from }) => from <= to && to - from < 300,
            '`to` must be `from` or up to 299 years later',
          ),
        ),
    ),
    ...Declared,
  })
  .check(
    z.refine(
      ({ url, years }) => url.includes(YEAR) === (years !== undefined),
      'It needs `years` where the address holds {year}, and only there',
    ),
  );
export type DeclaredFile = z.infer<typeof File>;

const Links = z.strictObject({
  /** What the datasets' ids begin with; then comes the name of the file. */
  dataset: z.string().check(z.regex(DATASET_ID)),
  /** The page that links to the files: relative to the source's base address, or an address of its own. */
  page: text(),
  /** A CSS selector of the links, or of what they lie in. */
  selector: z.optional(text()),
  /** What the names of the files are like: `*.csv`. With a `/` in it, what their paths end in. */
  matching: z.optional(text()),
  ...Declared,
});
export type DeclaredLinks = z.infer<typeof Links>;

export const FilesConfig = z
  .strictObject({ files: z.optional(z.array(File)), links: z.optional(z.array(Links)) })
  .check(z.refine(({ files = [], links = [] }) => files.length + links.length > 0, 'It needs `files` or `links`'));
export type FilesConfig = z.infer<typeof FilesConfig>;
