import { RESOURCE_STATES } from '@granary/domain/resource-record';
import { z } from 'zod';
import type { publicResource } from '../sources/public-resource.ts';

const count = (description: string) => z.int().min(0).meta({ description });

export const ResourceCountsShape = z
  .strictObject({
    listed: count('Resources on the pages of the source, and those that were and are gone.'),
    published: count('Those whose tables have new versions.'),
    unchanged: count('Those that are as they were.'),
    refused: count('Those without a table that can be read, or that could not be had.'),
    excluded: count('Those that are not to be fetched.'),
    gone: count('Those that the run found to be listed no more.'),
    failing: count('Of the refused: those that could not be had, and are tried again.'),
  })
  .meta({
    id: 'ResourceCounts',
    description:
      'Of a source that lists all of its resources: listed = published + unchanged + refused + excluded + gone.',
  });

const text = (description: string) => z.string().meta({ description });
const time = (description: string) => z.iso.datetime().meta({ description });
const evolving = () => z.optional(z.enum(['evolve', 'freeze']));

export const ResourceShape = z
  .strictObject({
    id: text('The id of its source, a colon, and its own.'),
    source: text('Source id.'),
    title: z.nullable(z.string()),
    url: text('Where it is fetched from; empty where its portal gives no address of it.'),
    host: z.string(),
    state: z.enum(RESOURCE_STATES),
    reason: z.nullable(text('Why it has no tables, or not all; null where they are published.')),
    checked_at: z.nullable(time('When it was last looked at.')),
    status: z.nullable(z.int().meta({ description: 'The HTTP status that was answered; 304 where it was unchanged.' })),
    response_ms: z.nullable(count('How long the answer took, with what was waited for.')),
    datasets: z.array(text('Dataset id: what its tables are.')),
    same_as: z.nullable(text('The `id` of the resource that has the same address, and is fetched for both.')),
    failures: count('How often in a row it could not be had.'),
    retry_at: z.nullable(time('When it is tried again, unless its portal says something else of it before.')),
    listed_at: z.nullable(time('When a page last listed it.')),
    modified: z.nullable(time('When its portal last changed what it says of it.')),
    gone_at: z.nullable(time('Since when no page lists it.')),
    excluded: z.nullable(z.strictObject({ reason: z.string(), at: z.iso.datetime() })),
    contract: z.nullable(
      z.strictObject({
        new_columns: z.optional(z.enum(['evolve', 'freeze', 'discard'])),
        lost_columns: evolving(),
        changed_types: evolving(),
      }),
    ),
  })
  .meta({ id: 'Resource', description: 'What became of a resource.' }) satisfies z.ZodType<
  ReturnType<typeof publicResource>
>;
