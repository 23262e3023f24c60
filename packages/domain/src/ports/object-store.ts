/** Where bytes lie (S3). Keys are those of docs/contracts: `raw/…`, `versions/…`, `csv_data/…`. */
export type ObjectHead = {
  bytes: number;
  etag: string;
  last_modified: string;
  metadata: Readonly<Record<string, string>>;
};

export type ObjectReader = {
  /** The whole object; undefined when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Bytes [start, end) of an object. Throws when there is none. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectHead | undefined>;
  /** All keys below a prefix, however many pages they take, in code unit order. */
  list(prefix: string): Promise<readonly string[]>;
  /** A URL that reads the object without credentials until it expires; `filename` names the download. */
  presign(key: string, options: { expires_s: number; filename?: string; content_type?: string }): Promise<string>;
};

/** Readers see an object whole or not at all: a write that fails in the middle leaves what was there before. */
export type ObjectWriter = {
  /** Writes or overwrites. A body of any size: larger ones go in parts. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<void>;
  /** The same from a local file, streamed: memory does not grow with its size. */
  putFile(key: string, path: string, options?: PutOptions): Promise<void>;
  /** The same from another object, inside the store; its own metadata is not taken over. Throws when there is none. */
  copy(from: string, to: string, options?: PutOptions): Promise<void>;
  /** Writes unless there is an object of that key already; false when there was, which is then left as it is. */
  putNew(key: string, body: Uint8Array, options?: PutOptions): Promise<boolean>;
  /** Deletes what is there of these; the others are no error. */
  delete(keys: readonly string[]): Promise<void>;
};

export type ObjectStore = ObjectReader & ObjectWriter;

export type PutOptions = {
  content_type?: string;
  cache_control?: string;
  metadata?: Readonly<Record<string, string>>;
};
