import * as z from 'zod/mini';

/** Body of a message on `granary-<stage>-collect`: fetch one resource as one part of a run. */
export const CollectMessage = z.strictObject({
  type: z.literal('collect'),
  run: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
  /** Number of the part within its run, from 1. */
  part: z.int().check(z.minimum(1)),
  source: z.string().check(z.minLength(1), z.maxLength(64)),
  resource: z.strictObject({
    dataset: z.string().check(z.regex(/^[a-z0-9]+(?:_[a-z0-9]+)*$/), z.maxLength(128)),
    url: z.url({ protocol: /^https?$/ }).check(z.maxLength(2048)),
    hints: z.record(z.string(), z.string()),
  }),
  /** When the part was first enqueued, ISO 8601: bounds how long it may be deferred. */
  enqueued_at: z.iso.datetime(),
});
export type CollectMessage = z.infer<typeof CollectMessage>;

/** How often a message may be received before the queue moves it to the dead letters: `maxReceiveCount` of its redrive policy. */
export const MAX_RECEIVES = 3;
