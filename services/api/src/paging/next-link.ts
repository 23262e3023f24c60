import { writeCursor } from './cursor.ts';

/**
 * `Link` to the next page of a list (RFC 8288): the same query, gone on with at `place`. For lists that are bare
 * arrays, and others.
 */
export const nextLink = (path: string, query: object, place: object): Readonly<Record<string, string>> => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  parameters.set('cursor', writeCursor(place));
  return { Link: `<${path}?${parameters}>; rel="next"` };
};
