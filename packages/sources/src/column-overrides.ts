import { RefusedContent } from '@granary/domain/errors';
import type { FoundTable, TableSink } from '@granary/domain/reading';
import type { Batch, DeclaredField, Field } from '@granary/tabular/table';
import * as z from 'zod/mini';

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** What is done with columns, by the names that they are found under (`granary inspect` prints them). */
export const ColumnsConfig = z.record(
  z.string(),
  z
    .strictObject({
      /** Another name, by which the dataset's `fields` and `key` call it. */
      name: z.optional(z.string().check(z.regex(NAME))),
      /** A row that does not fit is quarantined. */
      type: z.optional(z.enum(['boolean', 'int32', 'int64', 'double', 'date', 'timestamp', 'string'])),
      /**
       * Of a date or a timestamp: in which order its day, month and year are written. Years may then have two digits:
       * 70 to 99 are 1970 to 1999.
       */
      format: z.optional(z.enum(['DMY', 'MDY', 'YMD'])),
      title: z.optional(z.string().check(z.minLength(1))),
      unit: z.optional(z.string().check(z.minLength(1))),
      /** It is left out. */
      skip: z.optional(z.literal(true)),
    })
    .check(
      z.refine(
        ({ type, format }) => format === undefined || type === 'date' || type === 'timestamp',
        'format is of a column whose type is date or timestamp',
      ),
    ),
);
export type ColumnsConfig = z.infer<typeof ColumnsConfig>;

/**
 * The tables with columns renamed, typed or left out. Reading throws RefusedContent for a column that is not there, and
 * for a name that two columns have then.
 */
export const withColumns = (
  tables: readonly FoundTable[],
  columns: ColumnsConfig | undefined,
): readonly FoundTable[] =>
  columns === undefined ? tables : tables.map((table) => ({ ...table, read: readWith(table, columns) }));

const readWith =
  ({ read }: FoundTable, columns: ColumnsConfig): FoundTable['read'] =>
  async (options, out) => {
    const report = await read(
      { ...options, fields: fieldsAsFound(columns, options.fields ?? []) },
      changed(columns, out),
    );
    const skipped = Object.entries(columns).flatMap(([name, { skip }]) => (skip ? [name] : []));
    const notes = skipped.length > 0 ? [`Columns were left out, as is declared: ${skipped.join(', ')}.`] : [];
    return { ...report, notes: [...report.notes, ...notes] };
  };

/** The declared fields under the names that the file's reader knows, and the types that are declared here. */
const fieldsAsFound = (columns: ColumnsConfig, fields: readonly DeclaredField[]): DeclaredField[] => {
  const foundAs = new Map(Object.entries(columns).map(([found, { name = found }]) => [name, found]));
  const declared = fields.map((field) => ({ ...field, name: foundAs.get(field.name) ?? field.name }));
  const typed = Object.entries(columns).flatMap(([name, { type, title, skip }]): DeclaredField[] => {
    if (type === undefined || skip || declared.some((field) => field.name === name)) return [];
    return [{ name, type, nullable: true, ...(title !== undefined && { title }) }];
  });
  return [...declared, ...typed].map((field) => {
    const { format } = ownOf(columns, field.name);
    return format === undefined ? field : { ...field, format };
  });
};

const changed = (columns: ColumnsConfig, out: TableSink): TableSink => {
  let kept: number[] = [];
  return {
    begin(found) {
      refuseUnknown(columns, found);
      kept = found.flatMap(({ name }, place) => (ownOf(columns, name).skip ? [] : [place]));
      const fields = kept.map((place) => fieldOf(found[place]!, columns));
      const twice = fields.find(({ name }, place) => fields.findIndex((one) => one.name === name) < place);
      if (twice) throw new RefusedContent(`Two of its columns are named '${twice.name}', as is declared (columns).`);
      out.begin(fields);
    },
    rows: (batch: Batch) => out.rows({ rows: batch.rows, columns: kept.map((place) => batch.columns[place]!) }),
    quarantine: out.quarantine,
  };
};

/** What is declared of a column. A file may have one named `constructor`, which every object has. */
const ownOf = (columns: ColumnsConfig, name: string): ColumnsConfig[string] =>
  Object.hasOwn(columns, name) ? columns[name]! : {};

const refuseUnknown = (columns: ColumnsConfig, found: readonly Field[]): void => {
  const names = found.map(({ name }) => name);
  const unknown = Object.keys(columns).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RefusedContent(
      `It has no column '${unknown}', of which something is declared (columns); there are ${names.slice(0, 50).join(', ')}.`,
    );
};

/** A column that is renamed keeps its own name as title. */
const fieldOf = ({ format: _, ...field }: DeclaredField, columns: ColumnsConfig): Field => {
  const { name = field.name, unit = field.unit, ...said } = ownOf(columns, field.name);
  const title = said.title ?? field.title ?? (name === field.name ? undefined : field.name);
  return { ...field, name, ...(title !== undefined && { title }), ...(unit !== undefined && { unit }) };
};
