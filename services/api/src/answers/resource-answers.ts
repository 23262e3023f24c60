import { z } from 'zod';

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
