import * as z from 'zod/mini';
import { CollectMessage } from './collect.ts';

/** What the source gives at most in one answer (above it, it answers 200 with an error). */
export const LARGEST_PAGE = 100;
/** Pages of one run: every part that ended is a number in one item of DynamoDB. */
export const MOST_PAGES = 1000;

/**
 * Body of a message on `granary-<stage>-fetch-users`: fetch one page of users as one part of a run. It names no address
 * and holds nothing of a person: what is fetched from is the worker's own setting.
 */
export const FetchUsersMessage = z.strictObject({
  type: z.literal('fetch-users'),
  run: CollectMessage.shape.run,
  /** Number of the page within its run, from 1. */
  part: CollectMessage.shape.part,
  /** Users to ask for, 1 to 100. */
  size: z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE)),
  /** When the part was first enqueued, or redriven, ISO 8601: bounds how long it may be deferred. */
  enqueued_at: z.iso.datetime(),
});
export type FetchUsersMessage = z.infer<typeof FetchUsersMessage>;
