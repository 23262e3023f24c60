import type { CollectMessage, DiscoverMessage, ReconcileMessage } from '../../messages/collect.ts';
import type { ListingPage, Resource, SourceDefinition } from '../../source.ts';

/**
 * What a part of a collection is about: a resource to fetch, a page that lists some, or, once all others have ended,
 * what none of them found.
 */
export type Planned = { resource: Resource } | { page: ListingPage } | { reconcile: true };

/**
 * The parts that a run begins with, in the order of their numbers: the resources that are known, then the listing
 * pages, then what none of them lists. `began`: when the run did, ms since the epoch.
 */
export const plannedParts = (source: SourceDefinition, base_url: string, began: number): readonly Planned[] => [
  ...source.discover({ base_url, year: new Date(began).getUTCFullYear() }).map((resource) => ({ resource })),
  ...(source.listing?.first({ base_url }) ?? []).map((page) => ({ page })),
  ...(source.listing?.whole ? [{ reconcile: true } as const] : []),
];

/** The message of a part. */
export const messageOf = (
  about: { run: string; part: number; source: string; enqueued_at: string },
  planned: Planned,
): CollectMessage | DiscoverMessage | ReconcileMessage => {
  if ('reconcile' in planned) return { type: 'reconcile', ...about };
  return 'page' in planned
    ? { type: 'discover', ...about, page: { ...planned.page, hints: { ...planned.page.hints } } }
    : { type: 'collect', ...about, resource: { ...planned.resource, hints: { ...planned.resource.hints } } };
};

/** Whether a message says, to the letter, what is planned for its part. */
export const isMessageOf = (
  message: CollectMessage | DiscoverMessage | ReconcileMessage,
  planned: Planned | undefined,
): boolean => {
  if (!planned) return false;
  if ('reconcile' in planned) return message.type === 'reconcile';
  if ('page' in planned) return message.type === 'discover' && textOf(planned.page) === textOf(message.page);
  return message.type === 'collect' && textOf(planned.resource) === textOf(message.resource);
};

/** Whatever the order of its members. */
const textOf = (one: Resource | ListingPage): string =>
  JSON.stringify(one, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
