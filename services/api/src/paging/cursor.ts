import { InvalidRequest } from '@granary/domain/errors';

/** Where a list goes on: opaque to callers, so that what it holds may change. */
export const writeCursor = (place: object): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Reads a cursor that `writeCursor` made. Throws InvalidRequest for anything that does not pass `fits`. */
export const readCursor = <Place>(cursor: string, fits: (place: unknown) => place is Place): Place => {
  try {
    // Node passes over what is no base64url, and over what follows a `=`.
    if (!/^[\w-]+$/.test(cursor)) throw new SyntaxError('no base64url');
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (fits(place)) return place;
  } catch {
    // Not JSON: refused below like any other cursor that is not ours.
  }
  throw InvalidRequest.of(
    'cursor',
    "must be the `next` of this list's previous page",
    'The cursor was not issued by this list. Ask again without it.',
  );
};
