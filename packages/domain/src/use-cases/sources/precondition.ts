import { InvalidRequest, PreconditionFailed, PreconditionRequired } from '../../errors.ts';
import type { KnownSource } from './known-sources.ts';

/** What the headers If-Match and If-None-Match of a request say, if they were sent. */
export type Precondition = { if_match?: string; if_none_match?: string };

/**
 * Whether an edit, which may be made of the source as it stands, creates it. Throws PreconditionFailed when somebody
 * was there first, PreconditionRequired when the request does not say what it was made of, InvalidRequest for what is
 * no ETag.
 */
export const checkPrecondition = (
  id: string,
  current: KnownSource | undefined,
  { if_match, if_none_match }: Precondition,
): boolean => {
  const there = current?.state === 'deleted' ? undefined : current;
  if (if_match !== undefined && if_none_match !== undefined)
    throw new InvalidRequest('Send either If-Match, to change a source, or If-None-Match: *, to create one.');
  if (if_none_match !== undefined) {
    if (if_none_match.trim() !== '*')
      throw InvalidRequest.of(
        'If-None-Match',
        'must be *',
        'If-None-Match must be *: create the source if there is none.',
      );
    if (there) throw taken(there);
    return true;
  }
  if (if_match === undefined) throw required(id, there);
  const tags = readTags(if_match);
  if (!there) {
    const before = current ? `The source '${id}' was deleted` : `There is no source '${id}'`;
    throw new PreconditionFailed(`${before}. To create it, send If-None-Match: * in place of If-Match.`);
  }
  if (tags !== '*' && !tags.includes(there.revision)) throw changed(there, if_match);
  return false;
};

/** The same for what needs no If-Match, and heeds one that was sent. */
export const checkIfMatch = (current: KnownSource, if_match: string | undefined): void => {
  if (if_match === undefined) return;
  const tags = readTags(if_match);
  if (tags !== '*' && !tags.includes(current.revision)) throw changed(current, if_match);
};

/** An ETag may say how its body was compressed: `"3;gzip"`. A weak one matches nothing (RFC 9110, 13.1.1). */
export const readTags = (text: string, of = 'the source'): readonly number[] | '*' => {
  if (text.trim() === '*') return '*';
  const tags = text.split(',').map((one) => /^\s*(W\/)?"(\d+)(?:;[a-z]+)?"\s*$/.exec(one));
  if (tags.some((one) => one === null))
    throw InvalidRequest.of(
      'If-Match',
      `must be an ETag of ${of}, such as "3"`,
      `If-Match must be an ETag of ${of}, such as "3" with its quotation marks, not ${text.slice(0, 100)}.`,
    );
  return tags.flatMap((one) => (one![1] === undefined ? [Number(one![2])] : []));
};

const withEtag = <E extends PreconditionFailed>(error: E, { revision }: KnownSource): E => {
  error.headers = { ETag: `"${revision}"` };
  return error;
};

const taken = (there: KnownSource): PreconditionFailed =>
  withEtag(
    new PreconditionFailed(
      `There is a source '${there.id}' already, at revision ${there.revision}. To change it, send If-Match: "${there.revision}" in place of If-None-Match.`,
    ),
    there,
  );

const changed = (there: KnownSource, if_match: string): PreconditionFailed =>
  withEtag(
    new PreconditionFailed(
      `The source '${there.id}' is at revision ${there.revision}, and If-Match says ${if_match.slice(0, 100)}: somebody edited it meanwhile. Get it again, make your change anew, and send If-Match: "${there.revision}".`,
    ),
    there,
  );

const required = (id: string, there: KnownSource | undefined): PreconditionRequired =>
  new PreconditionRequired(
    there
      ? `Say which revision of the source '${id}' this is about: If-Match: "${there.revision}", the ETag of GET /v1/admin/sources/${id}. So no edit of somebody else is lost.`
      : `To create the source '${id}', send If-None-Match: *. So no source that somebody else created meanwhile is lost.`,
  );
