/** A version of an object or the marker of a deletion, as S3 lists them. `at`: ms since the epoch. */
export type ListedVersion = { key: string; id: string; at: number; marker: boolean; latest: boolean };

export type Step =
  /** These markers go, and what lies under them is the object again. */
  | { key: string; kind: 'undelete'; markers: readonly string[] }
  /** A copy of this version becomes the object. */
  | { key: string; kind: 'put-back'; version: string };

/** Newest first; of the same second the one that S3 calls the latest, then objects before markers. */
const newestFirst = (a: ListedVersion, b: ListedVersion) =>
  Number(b.latest) - Number(a.latest) || b.at - a.at || Number(a.marker) - Number(b.marker);

/** What the object was at that time; undefined when it was deleted then, or not there yet. */
const currentAt = (versions: readonly ListedVersion[], since: number): ListedVersion | undefined => {
  const then = versions.find(({ at }) => at <= since);
  return then?.marker ? undefined : then;
};

const stepFor = (
  key: string,
  versions: readonly ListedVersion[],
  since: number,
  overwritten: boolean,
): Step | undefined => {
  const newest = versions.findIndex(({ marker }) => !marker);
  // Nothing but markers: what was deleted has expired.
  if (newest < 0) return undefined;
  const markers = versions.slice(0, newest);
  const object = versions[newest]!;
  const then = overwritten ? currentAt(versions, since) : undefined;
  if (then && then !== object) return { key, kind: 'put-back', version: then.id };
  const deletedSince = markers.length > 0 && markers.every(({ at }) => at > since);
  return deletedSince ? { key, kind: 'undelete', markers: markers.map(({ id }) => id) } : undefined;
};

/**
 * What is done so that objects that were deleted since a time (ms since the epoch) are there again, as they were when
 * they were deleted; with `overwritten` also those that were overwritten since, as they were at that time. Objects that
 * were deleted before it stay deleted, new ones stay.
 */
export const planRestore = (
  listed: readonly ListedVersion[],
  { since, overwritten = false }: { since: number; overwritten?: boolean },
): Step[] =>
  [...Map.groupBy(listed, ({ key }) => key)].flatMap(([key, versions]) => {
    const step = stepFor(key, versions.sort(newestFirst), since, overwritten);
    return step ? [step] : [];
  });
