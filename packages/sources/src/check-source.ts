import { DATASET_ID } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import { type Kind, withKind } from '@granary/domain/kind';
import { plausibilityFaults } from '@granary/domain/rules/plausibility';
import type { DatasetDefinition, Resource, Source } from '@granary/domain/source';
import { HISTORY_ENDING } from '@granary/domain/sql-table';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

/** Between two places of a path in what is wrong: `datasets.0.fields.2.type`. */
const IDENTIFIER = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const text = () => z.string().check(z.minLength(1));

const FieldShape = z.strictObject({
  name: z.string().check(z.regex(IDENTIFIER)),
  type: z.enum(['boolean', 'int32', 'int64', 'double', 'date', 'timestamp', 'string']),
  nullable: z.boolean(),
  title: z.optional(text()),
  description: z.optional(text()),
  unit: z.optional(text()),
});

const ContractShape = z.strictObject({
  new_columns: z.optional(z.enum(['evolve', 'freeze', 'discard'])),
  lost_columns: z.optional(z.enum(['evolve', 'freeze'])),
  changed_types: z.optional(z.enum(['evolve', 'freeze'])),
});

const DatasetShape = z.strictObject({
  id: z.string().check(z.regex(DATASET_ID), z.maxLength(128)),
  title: text(),
  description: text(),
  fields: z._default(z.array(FieldShape), []),
  key: z._default(z.array(z.string()), []),
  plausible: z.optional(
    z.strictObject({
      keys: z.optional(z.array(z.string())),
      year: z.optional(z.string()),
      limits: z.optional(z.record(z.string(), z.number())),
    }),
  ),
  contract: z.optional(ContractShape),
});

const WideRouteShape = z
  .strictObject({
    name: z.string().check(z.regex(/^get-[a-z][a-z0-9-]*$/)),
    path: z.string().check(z.regex(/^\/[A-Za-z0-9/]+(\/\{tipo\})?$/)),
    summary: text(),
    shape: z.enum(['sectioned', 'listed', 'either']),
    example: z.strictObject({ summary: text(), path: text() }),
    dataset: z.optional(text()),
    tables: z.optional(z.record(z.string(), text())),
  })
  .check(
    z.refine(
      ({ path, dataset, tables }) =>
        path.endsWith('{tipo}') ? tables !== undefined && !dataset : dataset !== undefined && !tables,
      'It needs `tables` where the path ends in {tipo}, and `dataset` elsewhere',
    ),
  );

/** What is written about a source, but for what its kind and the rules of {@link checkSource} say. */
export const SourceShape = z.strictObject({
  id: z.string().check(z.regex(IDENTIFIER), z.maxLength(64)),
  kind: z.string(),
  title: text(),
  publisher: text(),
  theme: z.string().check(z.regex(IDENTIFIER)),
  tags: z.array(text()),
  licence: z.strictObject({
    name: z.string().check(z.regex(/^[-a-zA-Z0-9._]+$/)),
    title: text(),
    path: z.optional(z.url()),
  }),
  schedule: z.string().check(z.regex(/^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)$/)),
  base_url: z.url({ protocol: /^https?$/ }),
  requests_per_minute: z.number().check(z.gt(0)),
  max_bytes: z.int().check(z.minimum(1)),
  robots: z.optional(z.enum(['obey', 'ignore'])),
  config: z.unknown(),
  contract: z.optional(ContractShape),
  datasets: z.array(DatasetShape),
  wide: z.optional(z.array(WideRouteShape)),
  examples: z.optional(
    z.strictObject({
      ...{ dataset: text(), quarantined: text(), rejected: text(), released: text(), restored: text() },
      sql: text(),
    }),
  ),
});

/**
 * What is written about a source, checked by its shape and by its kind's schema. Throws InvalidRequest that names the
 * source and, of each fault, its path (`config.files.0.name`).
 */
export const checkSource = (written: unknown, kinds: readonly Kind[]): Source => {
  const named = z.looseObject({ id: z.string() }).safeParse(written).data?.id ?? 'without an id';
  const source = parsed(named, SourceShape, written) as Source;
  const kind = kinds.find((known) => known.kind === source.kind);
  if (!kind)
    throw wrong(named, [['kind', `There is no kind '${source.kind}'. The kinds are: ${namesOf(kinds).join(', ')}.`]]);
  const checked = { ...source, config: parsed(named, kind.config, source.config, 'config') };
  const faults = [
    ...checked.datasets.flatMap((dataset, place) =>
      datasetFaults(checked, dataset, `datasets.${place}`, 'infers' in kind),
    ),
    ...repeated(checked.datasets.map(({ id }) => id)).map((id): Fault => ['datasets', `'${id}' is declared twice.`]),
    ...('tables' in kind ? resourceFaults(withKind(kind, checked), 'infers' in kind) : []),
    ...mentionFaults(checked),
  ];
  if (faults.length > 0) throw wrong(named, faults);
  return checked;
};

type Fault = readonly [field: string, message: string];

const parsed = <T>(source: string, shape: z.ZodMiniType<T>, value: unknown, below = ''): T => {
  const { data, error } = shape.safeParse(value, { error: en().localeError });
  if (!error) return data;
  const placed = (path: readonly PropertyKey[]): string => [below, ...path].filter((one) => one !== '').join('.');
  const faults = error.issues.flatMap((issue): Fault[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [placed([...issue.path, key]), 'It is not known here.'])
      : [[placed(issue.path), issue.message]],
  );
  throw wrong(source, faults);
};

const wrong = (source: string, faults: readonly Fault[]): InvalidRequest =>
  new InvalidRequest(
    `The source '${source}' is declared wrongly: ${faults.map(([field, message]) => `${field}: ${message}`).join('; ')}`,
    faults.map(([field, message]) => ({ field, message })),
  );

const namesOf = (kinds: readonly Kind[]): string[] => kinds.map(({ kind }) => kind).sort();
const repeated = (names: readonly string[]): string[] => names.filter((name, place) => names.indexOf(name) < place);

const datasetFaults = (
  source: Source,
  { id, fields, key, plausible = {} }: DatasetDefinition,
  path: string,
  infers: boolean,
): Fault[] => {
  const names = fields.map(({ name }) => name);
  const faults: Fault[] = [];
  if (!id.startsWith(`${source.id}_`)) faults.push([`${path}.id`, `It must begin with '${source.id}_'.`]);
  if (id.endsWith(HISTORY_ENDING))
    faults.push([`${path}.id`, `It must not end in '${HISTORY_ENDING}': in SQL, such names are those of histories.`]);
  for (const name of repeated(names)) faults.push([`${path}.fields`, `'${name}' is there twice.`]);
  // What a file turns out to have is compared with the declaration when it is read.
  if (infers) return faults;
  for (const name of ['line', 'processing_date'])
    if (!names.includes(name)) faults.push([`${path}.fields`, `'${name}' is missing.`]);
  for (const name of key) if (!names.includes(name)) faults.push([`${path}.key`, `There is no field '${name}'.`]);
  for (const fault of plausibilityFaults(fields, plausible)) faults.push([`${path}.plausible`, fault]);
  return faults;
};

/** Datasets that a source shows somewhere are its own. */
const mentionFaults = ({ datasets, wide = [], examples }: Source): Fault[] => {
  const declared = new Set(datasets.map(({ id }) => id));
  const { sql: _, ...shown } = examples ?? { sql: '' };
  const mentioned: Fault[] = [
    ...wide.flatMap(({ dataset, tables = {} }, place) =>
      [dataset ?? [], Object.values(tables)].flat().map((id): Fault => [`wide.${place}`, id]),
    ),
    ...Object.entries(shown).map(([name, id]): Fault => [`examples.${name}`, id]),
  ];
  return mentioned.filter(([, id]) => !declared.has(id)).map(([path, id]) => [path, `No dataset '${id}' is declared.`]);
};

/** Each resource becomes a dataset that is declared, and no two the same. */
const resourceFaults = (source: ReturnType<typeof withKind>, infers: boolean): Fault[] => {
  const declared = new Set(source.datasets.map(({ id }) => id));
  let resources: readonly Resource[];
  let listsPages: boolean;
  try {
    resources = source.discover({ base_url: source.base_url });
    listsPages = (source.listing?.first({ base_url: source.base_url }) ?? []).length > 0;
  } catch (error) {
    // An address that is none.
    const { code, input } = error as { code?: string; input?: string };
    if (code === 'ERR_INVALID_URL') return [['config', `'${input}' is no address.`]];
    throw error;
  }
  const found = resources.map(({ dataset, like }) => like ?? dataset);
  return [
    ...[...new Set(found)]
      .filter((id) => !declared.has(id))
      .map((id): Fault => ['config', `No dataset '${id}' is declared.`]),
    ...repeated(resources.map(({ dataset }) => dataset)).map(
      (id): Fault => ['config', `Two resources become the dataset '${id}'.`],
    ),
    // What listing pages hold, nobody knows before they are read; nor which tables a file holds.
    ...[...(listsPages ? [] : declared)]
      .filter((id) => !found.includes(id) && !(infers && found.some((stem) => id.startsWith(`${stem}_`))))
      .map((id): Fault => ['datasets', `No resource becomes '${id}'.`]),
  ];
};
