/** Where bytes lie (S3). Keys are those of docs/contracts: `raw/…`, `versions/…`, `csv_data/…`. */
export type ObjectHead = { bytes: number; etag: string; last_modified: string; metadata: Readonly<Record<string, string>> };

export type ObjectStore = {
  /** Writes or overwrites. A body of any size: larger ones go in parts. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<void>;
  /** The same from a local file, streamed: memory does not grow with its size. */
  putFile(key: string, path: string, options?: PutOptions): Promise<void>;
  /** The whole object; undefined when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Bytes [start, end) of an object. Throws when there is none. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectHead | undefined>;
  /** All keys below a prefix, however many pages they take. */
  list(prefix: string): Promise<readonly string[]>;
  delete(keys: readonly string[]): Promise<void>;
  /** A URL that reads the object without credentials until it expires; `filename` names the download. */
  presign(key: string, options: { expires_s: number; filename?: string; content_type?: string }): Promise<string>;
};

export type PutOptions = {
  content_type?: string;
  cache_control?: string;
  metadata?: Readonly<Record<string, string>>;
};
