/** What the writer and the reader of our Parquet files agree on. */

export const ENCODING = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 } as const;

/** Who wrote the file, as its footer says. */
export const CREATED_BY = 'granary';
