import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SqsStoreClass } from './sqs-trace-header.ts';

/**
 * The parts of fauxqs behind its one exported entry. They are needed because `startFauxqs` listens on every address,
 * while `buildApp` keeps nothing on disk; the pieces in between are put together here as `startFauxqs` does.
 */
export type StoredObject = { key: string; contentLength: number; etag: string; lastModified: Date };
export type S3Store = {
  persistence?: Persistence;
  buckets: Map<string, Map<string, StoredObject>>;
  listObjects(bucket: string, options?: ListOptions): ListPage;
};
export type ListOptions = {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  startAfter?: string;
  marker?: string;
};
export type ListPage = { objects: StoredObject[]; commonPrefixes: string[]; isTruncated: boolean };
type SqsMessage = { sentTimestamp: number };
export type SqsQueue = {
  persistence?: Persistence;
  name: string;
  /** Moves what was delayed or held for long enough to what may be received. */
  processTimers(): void;
  inspectMessages(): { ready: SqsMessage[]; delayed: SqsMessage[]; inflight: { message: SqsMessage }[] };
};
export type SqsStore = { host: string; region?: string; persistence?: Persistence; allQueues(): Iterable<SqsQueue> };
export type SnsStore = { persistence?: Persistence };
type Value = string | number | null;
type Statement = {
  run(...values: Value[]): unknown;
  get(...values: Value[]): Record<string, Value> | undefined;
  all(...values: Value[]): Record<string, Value>[];
};
export type Persistence = {
  db: { exec(sql: string): void; prepare(sql: string): Statement };
  load(sqs: SqsStore, sns: SnsStore, s3: S3Store): void;
  updateMessageReady(messageId: string): void;
  upsertObject(bucket: string, object: StoredObject): void;
  deleteObject(bucket: string, key: string): void;
  deleteBucket(bucket: string): void;
  close(): void;
};

type Internals = {
  S3Store: new () => S3Store;
  SqsStore: (new () => SqsStore) & SqsStoreClass;
  SnsStore: new () => SnsStore;
  PersistenceManager: new (dir: string) => Persistence;
};

export const loadFauxqsInternals = async (): Promise<Internals> => {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (!manifest)
    throw new Error('The package fauxqs is not installed; run the same command after `npm start` has installed it.');
  const load = (file: string) => import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
  const [s3, sqs, sns, persistence] = await Promise.all([
    load('s3/s3Store.js'),
    load('sqs/sqsStore.js'),
    load('sns/snsStore.js'),
    load('persistence.js'),
  ]);
  return { ...s3, ...sqs, ...sns, ...persistence };
};
