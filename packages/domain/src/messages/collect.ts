import * as z from 'zod/mini';

const Place = {
  url: z.url({ protocol: /^https?$/ }).check(z.maxLength(2048)),
  hints: z.record(z.string(), z.string()),
};

/** Body of a message on `granary-<stage>-collect`: fetch one resource as one part of a run. */
export const CollectMessage = z.strictObject({
  type: z.literal('collect'),
  run: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
  /** Number of the part within its run, from 1. */
  part: z.int().check(z.minimum(1)),
  source: z.string().check(z.minLength(1), z.maxLength(64)),
  resource: z.strictObject({
    dataset: z.string().check(z.regex(/^[a-z0-9]+(?:_[a-z0-9]+)*$/), z.maxLength(128)),
    id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    ...Place,
    title: z.optional(z.string().check(z.maxLength(1000))),
    description: z.optional(z.string().check(z.maxLength(10_000))),
    theme: z.optional(z.string().check(z.maxLength(100))),
    tags: z.optional(z.readonly(z.array(z.string().check(z.maxLength(200))).check(z.maxLength(100)))),
    licence: z.optional(z.strictObject({ name: z.string(), title: z.string(), path: z.optional(z.string()) })),
    publisher: z.optional(z.string().check(z.maxLength(1000))),
    format: z.optional(z.string().check(z.maxLength(20))),
    modified: z.optional(z.iso.datetime()),
    like: z.optional(z.string().check(z.maxLength(128))),
    expected: z.optional(z.literal(true)),
  }),
  /** When the part was first enqueued, ISO 8601: bounds how long it may be deferred. */
  enqueued_at: z.iso.datetime(),
});
export type CollectMessage = z.infer<typeof CollectMessage>;

/** Body of a message on the same queue: read one page that lists resources, as one part of a run. */
export const DiscoverMessage = z.strictObject({
  type: z.literal('discover'),
  ...{ run: CollectMessage.shape.run, part: CollectMessage.shape.part, source: CollectMessage.shape.source },
  page: z.strictObject({ ...Place, key: z.optional(z.string().check(z.maxLength(2048))) }),
  enqueued_at: CollectMessage.shape.enqueued_at,
});
export type DiscoverMessage = z.infer<typeof DiscoverMessage>;

/** Body of a message on the same queue: once all other parts of a run have ended, mark what no page of it listed. */
export const ReconcileMessage = z.strictObject({
  type: z.literal('reconcile'),
  ...{ run: CollectMessage.shape.run, part: CollectMessage.shape.part, source: CollectMessage.shape.source },
  enqueued_at: CollectMessage.shape.enqueued_at,
});
export type ReconcileMessage = z.infer<typeof ReconcileMessage>;

/**
 * Body of a message on the same queue: make a dataset again of bytes that are stored, without asking its source. With
 * `version` nothing is published: what comes out is compared with that version.
 */
export const ReplayMessage = z.strictObject({
  type: z.literal('replay'),
  ...{ run: CollectMessage.shape.run, part: CollectMessage.shape.part, source: CollectMessage.shape.source },
  dataset: CollectMessage.shape.resource.shape.dataset,
  version: z.optional(z.int().check(z.minimum(1))),
  enqueued_at: CollectMessage.shape.enqueued_at,
});
export type ReplayMessage = z.infer<typeof ReplayMessage>;

/** Whatever stands for a part of a collection. */
export const CollectionMessage = z.discriminatedUnion('type', [
  CollectMessage,
  DiscoverMessage,
  ReconcileMessage,
  ReplayMessage,
]);
export type CollectionMessage = z.infer<typeof CollectionMessage>;
