import type { ListOptions, ListPage, Persistence, S3Store } from './fauxqs-internals.ts';

/**
 * A visibility time-out of zero is written by fauxqs as a NULL receive count, which its own table refuses: the message
 * is gone until the next start. The count is kept here, as SQS keeps it.
 */
export const keepReceiveCountOfReleasedMessages = (persistence: Persistence): void => {
  const release = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => {
    release.run(messageId);
  };
};

/** Whoever held a message when the last process ended is gone, so the message may be received again at once. */
export const releaseInFlightMessages = (persistence: Persistence): void =>
  persistence.db.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');

/**
 * Queue URLs are stored with host and port; the port may be another one today, and SDKs connect to what the URL says.
 */
export const rehostQueues = (persistence: Persistence, endpoint: string, accountId: string): void => {
  persistence.db.prepare("UPDATE sqs_queues SET url = ? || '/' || ? || '/' || name").run(endpoint, accountId);
};

const inS3Order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * fauxqs sorts keys by the locale but resumes a listing by code unit, so a listing of several pages skips keys
 * (`a-2`, `a/1`, `a_1`). S3 does both by the bytes of the key.
 */
export const listObjectsInS3Order = (store: S3Store): void => {
  const original = store.listObjects.bind(store);
  store.listObjects = (bucket: string, options: ListOptions = {}): ListPage => {
    const objects = store.buckets.get(bucket);
    if (!objects) return original(bucket, options);
    const { prefix = '', delimiter, maxKeys = 1000, startAfter = options.marker ?? '' } = options;
    const page: ListPage = { objects: [], commonPrefixes: [], isTruncated: false };
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(inS3Order);
    for (const key of keys) {
      if (startAfter && inS3Order(key, startAfter) <= 0) continue;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const common = cut < 0 ? null : key.slice(0, cut + (delimiter as string).length);
      if (common !== null && (page.commonPrefixes.at(-1) === common || (startAfter && common <= startAfter))) continue;
      if (page.objects.length + page.commonPrefixes.length >= maxKeys) {
        page.isTruncated = true;
        break;
      }
      if (common === null) page.objects.push(objects.get(key)!);
      else page.commonPrefixes.push(common);
    }
    return page;
  };
};
