import { BoundedMap } from '@granary/domain/bounded-map';
import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { Caller } from '@granary/runtime/endpoint';
import { findVersion, findWritten, versionNumber } from '../versions/find-version.ts';
import { timeOf, versionAsOf } from '../versions/version-as-of.ts';
import type { AskedRecords } from './read-asked.ts';

/** Descriptions of versions that are kept: a published one never changes. */
const MOST = 200;
const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

export type FindRecordsVersion = (id: string, asked: AskedRecords, caller?: Caller) => Promise<PublishedVersion>;

/**
 * The version that is meant: by number, as of a time (`as_of`, Accept-Datetime), or the latest. Throws NotFound,
 * InvalidRequest.
 */
export const makeFindRecordsVersion = (catalog: CatalogReader): FindRecordsVersion => {
  const known = new BoundedMap<string, PublishedVersion>(MOST);
  const numbered = async (id: string, number: number, caller: Caller | undefined): Promise<PublishedVersion> => {
    const name = `${id}@${number}`;
    const kept = known.get(name);
    if (kept) return kept;
    const version = await findWritten(catalog, id, number, caller);
    // A held version is for operators alone, and a decision may change it: it is not kept.
    if (version.state !== 'published') return findVersion(catalog, id, number, caller);
    known.set(name, version);
    return version;
  };
  return async (id, { version, as_of, accept_datetime }, caller) => {
    if (as_of !== undefined) return versionAsOf(catalog, id, timeOf(as_of));
    if (accept_datetime !== undefined) return versionAsOf(catalog, id, timeOfHeader(accept_datetime));
    return numbered(id, await versionNumber(catalog, id, version), caller);
  };
};

const timeOfHeader = (text: string): number => {
  const time = HTTP_DATE.test(text.trim()) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 31st of February for a day in March; the name of the day it passes over.
  if (Number.isFinite(time) && new Date(time).toUTCString().endsWith(text.trim().slice(5))) return time;
  const message = 'must be an HTTP date (Sat, 31 Jan 2026 12:00:00 GMT)';
  throw InvalidRequest.of('Accept-Datetime', message, `Accept-Datetime: ${message}.`);
};
