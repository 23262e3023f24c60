import { createHash } from 'node:crypto';
import { SourceUnavailable } from '@granary/domain/errors';
import { LARGEST_PAGE, MOST_PAGES } from '@granary/domain/messages/fetch-users';
import { beginningWithoutPii, withoutQueryOf } from '@granary/domain/rules/pii';
import { defineUsersKind, type UserMisfit, type UsersPage } from '@granary/domain/users-source';
import * as z from 'zod/mini';
import { type ReadUser, readUser } from './read-user.ts';

/** More than was asked for is taken, but not whatever fits into so many bytes. */
const MOST_USERS = 10_000;
const MESSAGE_LENGTH = 200;

/**
 * Invented users as random-data-api.com gives them: as many as are asked for, a hundred at most in one answer, never
 * the same twice.
 */
export const kind = defineUsersKind({
  kind: 'random-users',
  config: z.strictObject({
    users_per_run: z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE * MOST_PAGES)),
    page_size: z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE)),
  }),
  accept: 'application/json',
  urlOf(base_url, size) {
    const url = new URL(base_url);
    if (url.pathname.endsWith('/')) url.pathname += 'users';
    url.searchParams.set('size', String(size));
    url.hash = '';
    return url.href;
  },
  parsePage(body, url) {
    const parsed = parseJson(body, url);
    if (Array.isArray(parsed)) {
      if (parsed.length <= MOST_USERS) return readUsers(parsed);
      throw new SourceUnavailable(`${hostOf(url)} answered with ${parsed.length} elements`, answered(body, url));
    }
    const alone = typeof parsed === 'object' && parsed !== null ? (parsed as Said) : {};
    // One user alone, as it is given for a size of 1.
    if (TELLING.some((name) => Object.hasOwn(alone, name))) return readUsers([alone]);
    const { message, error } = alone;
    const said = [message, error].find((text) => typeof text === 'string');
    const words =
      said === undefined
        ? 'a body that holds no users'
        : `"${beginningWithoutPii(withoutQueryOf(url, said), MESSAGE_LENGTH).replace(/\s+/g, ' ')}"`;
    throw new SourceUnavailable(`${hostOf(url)} answered 200 with ${words}`, answered(body, url));
  },
});

type Said = { message?: string; error?: string };
/** An object that has none of these is no user. */
const TELLING = ['id', 'uid', 'last_name'];

const parseJson = (body: Uint8Array, url: string): unknown => {
  const no = (what: string) => new SourceUnavailable(`${hostOf(url)} answered 200 with ${what}`, answered(body, url));
  let text: string;
  try {
    // Takes a byte order mark off, which JSON may not have.
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw no('bytes that are no UTF-8');
  }
  if (text.trim() === '') throw no('an empty body');
  if (text.trimStart().startsWith('<')) throw no('a page of HTML or XML instead of JSON');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body.
    throw no('JSON that was cut short or is not well-formed');
  }
};

const hostOf = (url: string): string => new URL(url).host;

const answered = (body: Uint8Array, url: string) => {
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { answer: { host: hostOf(url), status: 200, content: `${body.byteLength} bytes, sha256 ${sha256}` } };
};

const readUsers = (elements: readonly unknown[]): UsersPage => {
  const users = new Map<string, ReadUser>();
  const misfits: UserMisfit[] = [];
  let merged = 0;
  for (const [place, element] of elements.entries()) {
    const read = readUser(element, place + 1);
    if ('reason' in read) {
      misfits.push(read);
      continue;
    }
    const key = JSON.stringify([read.user.id, read.user.last_name]);
    if (users.has(key)) merged += 1;
    users.set(key, read);
  }
  return { read: elements.length, users: [...users.values()], misfits, merged };
};
