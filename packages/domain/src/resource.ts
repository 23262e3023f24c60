import type { DatasetId } from './dataset.ts';

/**
 * A table of a resource, and the dataset that it becomes. `gone_at` (ISO 8601): since when its resource no longer holds
 * it; its dataset keeps what was published.
 */
export type KnownTable = { name: string; dataset: DatasetId; gone_at?: string };

/**
 * What is known of a resource whose tables are not simply one of the resource's own name. Stored as it is, in one item
 * (`RESOURCE#<source>` / its id), so it has {@link MOST_TABLES} at most.
 */
export type KnownResource = { source: string; id: string; tables: readonly KnownTable[] };

/** Tables of one resource, those that are gone too. Their names are cut to {@link NAME_LENGTH} characters. */
export const MOST_TABLES = 300;
export const NAME_LENGTH = 200;
