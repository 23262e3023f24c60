import { DATASET_ID } from '@granary/domain/dataset';
import { defineKind } from '@granary/domain/kind';
import * as z from 'zod/mini';
import { isWorkbook } from '../../csv/content-check.ts';
import { csvTables } from '../../csv/csv-tables.ts';
import { workbookTables } from '../../workbook-tables.ts';

const FilesConfig = z.strictObject({
  files: z
    .array(
      z.strictObject({
        /** The dataset that the file becomes; of several tables, what their datasets' ids begin with. */
        dataset: z.string().check(z.regex(DATASET_ID)),
        /** Relative to the source's base address, or an address of its own. */
        url: z.string().check(z.minLength(1)),
        /** What looking at the file cannot tell, or tells wrongly. */
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
        /** Markers of values that are not available, such as `s/d`. */
        missing: z.optional(z.array(z.string())),
      }),
    )
    .check(z.minLength(1)),
});
type FilesConfig = z.infer<typeof FilesConfig>;

/**
 * A list of files: CSV of any dialect and size, workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), and gzip data or ZIP
 * archives of these. What a file is shows in its bytes, not in its name. A file of several tables becomes a dataset for
 * each, unless the one to read is declared. A dataset's declared fields outrank what its file looks like; columns that
 * are not declared get the type that fits all their rows.
 */
export const kind = defineKind<FilesConfig>({
  kind: 'files',
  config: FilesConfig,
  parser_version: 1,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  infers: true,
  unpacks: true,
  discover: ({ config }, base_url) =>
    config.files.map(({ dataset, url }) => ({
      dataset,
      url: new URL(url, base_url.endsWith('/') ? base_url : `${base_url}/`).href,
      hints: {},
    })),
  async tables({ id, config }, resource, file, thorough) {
    const declared = config.files.find(({ dataset }) => dataset === resource.dataset);
    if (!declared) throw new RangeError(`The source '${id}' has no file of '${resource.dataset}'`);
    return isWorkbook(file) ? workbookTables(declared, file) : csvTables(declared, file, thorough);
  },
});
