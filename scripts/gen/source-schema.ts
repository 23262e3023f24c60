import type { Kind } from '@granary/domain/kind';
import { SourceShape } from '@granary/sources/check-source';
import { type $ZodType, toJSONSchema } from 'zod/v4/core';

type Json = Record<string, unknown>;

/** What a member is for, where its name does not say it: editors show it. */
const ABOUT: Readonly<Record<string, string>> = {
  id: 'Lower case, `_` between words; the file is called so. Ids of datasets begin with it.',
  kind: 'How the data is published: a file or folder of `kinds/`.',
  publisher: 'Whose data it is.',
  theme: 'One word: agriculture, environment, …',
  schedule: 'How often it is collected: `rate(1 day)`, `rate(12 hours)`.',
  base_url: 'The real address. GRANARY_<ID>_URL takes its place.',
  requests_per_minute: 'At most so many requests a minute to its host, all workers together.',
  max_bytes: 'Size, after content decoding, above which a file is refused.',
  robots:
    'Whether robots.txt decides what is fetched: `obey` or `ignore`. Kinds that crawl obey unless told otherwise.',
  config: 'What only its kind knows.',
  datasets: 'The contract: what is declared about its tables.',
  wide: 'Addresses at which the API answers datasets in the shape of their files.',
  examples: 'Datasets that documentation, drills and the cost page show.',
};

const schemaOf = (shape: $ZodType): Json => {
  const { $schema: _, ...schema } = toJSONSchema(shape, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return schema;
};

/**
 * The JSON Schema of `sources/*.yml`, for editors: of the kind that a file names its `config` is completed and checked.
 * Rules that JSON Schema cannot say are for `npm run gen`.
 */
export const sourceSchemaOf = (kinds: readonly Kind[]): string => {
  const { properties, ...shape } = schemaOf(SourceShape) as Json & { properties: Record<string, Json> };
  const described = Object.entries(properties).map(([name, schema]) => [
    name,
    { ...schema, ...(ABOUT[name] && { description: ABOUT[name] }) },
  ]);
  const sorted = [...kinds].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A source of Granary',
    ...shape,
    properties: {
      ...Object.fromEntries(described),
      kind: { description: ABOUT.kind, enum: sorted.map(({ kind }) => kind) },
    },
    patternProperties: { '^x-': { description: 'What others refer to by anchors of YAML.' } },
    allOf: sorted.map(({ kind, config }) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: that is what JSON Schema calls it.
      then: { properties: { config: schemaOf(config) } },
    })),
  };
  return `${JSON.stringify(schema, null, 1)}\n`;
};
