/** A file of the town's office, and what should come of it. */
export type TownFile = {
  /** Below the site's base path. */
  name: string;
  content_type: string;
  body(): Buffer;
  /** What is odd about it, in a few words. */
  quirk: string;
  /** Rows of each table that it holds, in the order of the file; of one that is refused, a part of the reason. */
  holds: { rows: readonly number[]; quarantined?: number } | { refused: RegExp };
};

/** A file of that type. */
export const fileOf =
  (content_type: string) =>
  (name: string, quirk: string, body: () => Buffer, holds: TownFile['holds']): TownFile => ({
    ...{ name, quirk, holds, content_type, body },
  });

/** A file of text, UTF-8 unless it is bytes already. */
export const textFile = (
  name: string,
  quirk: string,
  body: () => string | Buffer,
  holds: TownFile['holds'],
): TownFile =>
  fileOf('text/csv')(
    name,
    quirk,
    () => {
      const made = body();
      return typeof made === 'string' ? Buffer.from(made) : made;
    },
    holds,
  );
