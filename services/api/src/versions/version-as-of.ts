import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest, NotFound } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { findDataset } from './find-version.ts';

const PAGE = 100;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Milliseconds since 1970 of `2026-01-31` (its last moment, UTC) or of an ISO 8601 time with its zone. Throws
 * InvalidRequest.
 */
export const timeOf = (as_of: string): number => {
  // A plus in an address is a blank.
  const text = as_of.replace(' ', '+');
  const isDate = DATE.test(text);
  const time = isDate || TIME.test(text) ? Date.parse(isDate ? `${text}T23:59:59.999Z` : text) : Number.NaN;
  // Date.parse takes the 31st of February for a day in March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10));
  if (Number.isFinite(time) && isDay) return time;
  const message = 'must be a date (2026-01-31) or a time with its zone (2026-01-31T12:00:00Z)';
  throw InvalidRequest.of('as_of', message, `as_of: ${message}.`);
};

/** The version that readers saw at that time, or NotFound with the time of the first. */
export const versionAsOf = async (catalog: CatalogReader, id: string, time: number): Promise<PublishedVersion> => {
  let first: PublishedVersion | undefined;
  for (;;) {
    const page = await catalog.listVersions(id, { limit: PAGE, ...(first ? { before: first.version } : {}) });
    const meant = page.find(({ published_at }) => Date.parse(published_at) <= time);
    if (meant) return meant;
    first = page.at(-1) ?? first;
    if (page.length < PAGE) break;
  }
  await findDataset(catalog, id);
  const known = first ? `its first version is of ${first.published_at}` : 'it has not been published yet';
  throw new NotFound(`The dataset '${id}' had no version at ${new Date(time).toISOString()}; ${known}.`);
};
