/** A page of a resource as it was answered. */
export type AnsweredPage = {
  url: string;
  /** From 1. */
  number: number;
  body: Uint8Array;
  /** The header `Link`. */
  link: string | null;
  /** Records of the pages before it. */
  records_before: number;
};

/**
 * What a page says: how many records it holds, a text that is equal for equal records, and the absolute address of the
 * next page; null where it is the last.
 */
export type ReadPage = { records: number; fingerprint: string; next: string | null };

/** How a resource that is given in pages is read, page after page. */
export type Paging = {
  most_pages: number;
  /** "Not modified" of the first page is said of all of them. */
  first_tells_all: boolean;
  /** Pure. Throws {@link ./errors.ts RefusedContent} when the body is no such page. */
  read(page: AnsweredPage): ReadPage | Promise<ReadPage>;
};
