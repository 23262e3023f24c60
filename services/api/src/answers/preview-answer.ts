import type { SourcePreview } from '@granary/domain/use-cases/preview/preview-source';
import { z } from 'zod';
import { ColumnType, count, datasetId, QuarantineShape, text, VersionShape } from './shapes.ts';

const cell = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);
const { dialect, counts } = VersionShape.shape;

const PreviewedColumn = z
  .strictObject({
    name: text('Column name: lower-case ASCII, with `_` between words.'),
    type: ColumnType,
    nullable: z.boolean(),
    title: z.optional(text('The name in the file.')),
    description: z.optional(z.string()),
    unit: z.optional(z.string()),
    why: text('Why the column has this type, by the rows that were read.'),
    values: count('Number of rows that have a value.'),
    missing: count('Number of rows that have none.'),
  })
  .meta({ id: 'PreviewedColumn' });

const PreviewedTable = z
  .strictObject({
    dataset: datasetId(),
    name: text('What tells the table from the others of its file.'),
    title: z.optional(text('What stands above the table.')),
    place: z.optional(text('Where the table stands in its file.')),
    refused: z.nullable(text('Why the table would not be published; null when it would be.')),
    complete: z
      .boolean()
      .meta({ description: 'Whether all of it was read. If not, the counts are those of its beginning.' }),
    header: z.array(z.string()).meta({ description: "The file's own column names." }),
    dialect: z.nullable(dialect),
    columns: z.array(PreviewedColumn),
    rows: z.array(z.array(cell())).meta({
      description: 'The first rows: a cell for each column. Long texts are cut, integers beyond 2^53 are text.',
    }),
    counts,
    quarantine: z.array(QuarantineShape).meta({ description: 'The first rows that would be quarantined, and why.' }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'PreviewedTable', description: 'A table that was found, and what it would become.' });

export const PreviewShape = z
  .strictObject({
    source: z.looseObject({ id: z.string(), kind: z.string() }).meta({
      description: 'The whole source, as it can be saved.',
    }),
    yaml: text('The same as a file of `sources/`.'),
    doubts: z
      .array(z.string())
      .meta({ description: 'What an address alone leaves open about the source, and how to decide it.' }),
    complete: z.boolean().meta({ description: 'Whether everything was read.' }),
    resources: z.array(
      z.strictObject({
        url: z.string(),
        bytes: z.nullable(count('Size of the file; null when it was not fetched, or not to its end.')),
        content_type: z.nullable(z.string()),
        more_pages: z.boolean().meta({ description: 'Whether the tables are those of the first of several pages.' }),
        refused: z.nullable(text('Why nothing of the file would be published; null when it holds tables.')),
        tables: z.array(PreviewedTable),
        unread: z.array(z.string()).meta({ description: 'Names of tables that were not read.' }),
      }),
    ),
    unread: z.array(z.string()).meta({ description: 'Addresses that were not fetched.' }),
  })
  .meta({ id: 'SourcePreview', description: 'What a source would become. Nothing is stored.' }) satisfies z.ZodType<
  Omit<SourcePreview, 'source'> & { yaml: string }
>;
