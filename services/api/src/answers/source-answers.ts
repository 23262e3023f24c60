import type { Source } from '@granary/domain/source';
import type { SourceRevision } from '@granary/domain/source-revision';
import { z } from 'zod';
import type { publicSource } from '../sources/public-source.ts';
import { count, Field, text, time } from './shapes.ts';

const state = () => z.enum(['active', 'paused', 'deleted']).meta({ description: 'Only active sources are collected.' });

export const SourceState = z
  .strictObject({
    id: text('Source id.'),
    kind: text('How the data is published.'),
    title: z.string(),
    publisher: z.string(),
    origin: z.enum(['shipped', 'api']).meta({ description: '`shipped`: part of the release. `api`: put at run time.' }),
    state: state(),
    schedule: text('How often it is collected: `rate(1 day)`.'),
    base_url: text('The base address, as configured.'),
    revision: count('Number of its newest edit; 0 when it was never edited at run time.'),
    edited_at: z.nullable(z.iso.datetime()),
    edited_by: z.nullable(text('The `sub` of the operator.')),
    datasets: z.optional(count('Number of its datasets in the catalog; in the list alone.')),
  })
  .meta({ id: 'SourceState', description: 'A source as it stands.' }) satisfies z.ZodType<
  Omit<ReturnType<typeof publicSource>, 'schedule'>
>;

const contract = () =>
  z.optional(
    z
      .strictObject({
        new_columns: z.optional(z.enum(['evolve', 'freeze', 'discard'])),
        lost_columns: z.optional(z.enum(['evolve', 'freeze'])),
        changed_types: z.optional(z.enum(['evolve', 'freeze'])),
      })
      .meta({ description: 'What changes of columns do.' }),
  );

export const SourceConfiguration = z
  .strictObject({
    id: text('Source id: lower case, `_` between words. Ids of its datasets begin with it.'),
    kind: text('How the data is published: `files`, `html-tables`, …'),
    title: z.string(),
    publisher: z.string(),
    theme: z.string(),
    tags: z.array(z.string()),
    licence: z.strictObject({ name: z.string(), title: z.string(), path: z.optional(z.string()) }),
    schedule: text('How often it is collected: `rate(1 day)`.'),
    base_url: text('Base address: those in `config` may be relative to it.'),
    requests_per_minute: z.number(),
    max_bytes: count('Size above which a file is refused.'),
    robots: z.optional(z.enum(['obey', 'ignore'])).meta({ description: 'Whether robots.txt decides what is fetched.' }),
    config: z.unknown().meta({ description: 'What its kind needs to know.' }),
    contract: contract(),
    datasets: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        description: z.string(),
        fields: z.array(Field),
        key: z.array(z.string()),
        plausible: z.optional(z.looseObject({})),
        contract: contract(),
      }),
    ),
    wide: z.optional(
      z.array(z.looseObject({ path: z.string() })).meta({
        description: 'Of a shipped source: addresses at which the API answers datasets in the shape of their files.',
      }),
    ),
    examples: z.optional(
      z.looseObject({ dataset: z.string() }).meta({
        description: 'Of a shipped source: datasets that the documentation shows.',
      }),
    ),
  })
  .meta({ id: 'SourceConfiguration', description: 'The configuration of a source.' }) satisfies z.ZodType<
  Pick<Source, 'id'>
>;

export const RevisionAnswer = z
  .strictObject({
    revision: count('Number of the edit, from 1.'),
    change: z.enum(['created', 'changed', 'paused', 'resumed', 'deleted']),
    state: state(),
    configuration: z.nullable(SourceConfiguration),
    edited_at: time('When it was edited.'),
    edited_by: text('The `sub` of the operator.'),
  })
  .meta({ id: 'SourceRevision', description: 'An edit of a source.' }) satisfies z.ZodType<
  Pick<SourceRevision, 'revision'>
>;
