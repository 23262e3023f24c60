import { isUserFault } from '../faults.ts';
import type { AskedDocument, Site } from '../site.ts';
import { usersOf } from './generate.ts';
import { withUserFaults } from './user-faults.ts';

/** Path of the replica below which the users lie, as on the real site. */
export const USERS_BASE = '/api/v2/';
const PATH = `${USERS_BASE}users`;
const CONTENT_TYPE = 'application/json; charset=utf-8';
const LARGEST = 100;
const FLOOD_BYTES = 2 ** 20;

/** JSON as Rails writes it: `&`, `<` and `>` are escaped. */
const railsJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[&<>]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

/** The size that was asked for, as the source understands it: what is no number counts as 0. */
const sizeOf = (query: URLSearchParams): number => Number.parseInt(query.get('size') ?? '1', 10) || 0;

const bodyOf = ({ query, nth, edition, series, faults }: AskedDocument): unknown => {
  const size = sizeOf(query);
  if (size > LARGEST) return { message: `Maximum allowed size is ${LARGEST}` };
  const kinds = faults.map(({ kind }) => kind).filter(isUserFault);
  if (kinds.includes('error-200')) return { message: 'Users could not be generated' };
  const users = withUserFaults(usersOf({ seed: edition.seed, series, nth }, Math.max(1, size)), kinds);
  return size > 1 ? users : users[0];
};

const floodOf = ({ nth, edition, series }: AskedDocument) => {
  const text = usersOf({ seed: edition.seed, series, nth }, LARGEST).map(railsJson).join(',\n');
  const piece = Buffer.from(`${text},\n`.repeat(Math.ceil(FLOOD_BYTES / text.length)));
  return { open: '[', piece, close: `${text}]` };
};

/**
 * The API of random users: `/api/v2/users?size=N` gives N users up to 100, others each time. One alone is an object; so
 * it is for a size of 0 or one that is no number. Above 100 the answer is an error with status 200.
 */
export const createUsersSite = (): Site => ({
  paths: () => [PATH],
  document: (asked) =>
    asked.path === PATH
      ? { content_type: CONTENT_TYPE, body: Buffer.from(railsJson(bodyOf(asked))), flood: () => floodOf(asked) }
      : undefined,
});
