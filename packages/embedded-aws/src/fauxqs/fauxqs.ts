import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import { answerNotImplemented } from '../not-implemented.ts';
import {
  keepReceiveCountOfReleasedMessages,
  listObjectsInS3Order,
  rehostQueues,
  releaseInFlightMessages,
} from './fauxqs-fixes.ts';
import { loadFauxqsInternals } from './fauxqs-internals.ts';
import { bucketAndKey, guardS3, type LookUp, mayWrite } from './s3-guard.ts';
import { keepVersions } from './s3-version-store.ts';
import { answerAboutVersions } from './s3-versions.ts';
import { keepTraceHeaders } from './sqs-trace-header.ts';

const SQS_OPERATIONS = new Set(
  (
    'CreateQueue DeleteQueue GetQueueUrl ListQueues GetQueueAttributes SetQueueAttributes PurgeQueue SendMessage ReceiveMessage ' +
    'DeleteMessage SendMessageBatch DeleteMessageBatch ChangeMessageVisibility ChangeMessageVisibilityBatch TagQueue UntagQueue ListQueueTags'
  ).split(' '),
);
/** A single PUT in S3 may be 5 GB; SQLite holds less in one value, and memory too. */
const LARGEST_BODY = 512 << 20;

const OLD_VERSIONS = {
  status: 409,
  code: 'BucketNotEmpty',
  message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
};
const DELETES_OF_VERSIONS = {
  status: 501,
  code: 'NotImplemented',
  message: 'The embedded AWS does not implement S3 DeleteObjects of versions; DeleteObject takes one.',
};

/** As SQS tells CloudWatch; `oldest`: when the oldest message that is not deleted was sent, ms. */
export type QueueFacts = { name: string; visible: number; notVisible: number; oldest: number | undefined };

export type Fauxqs = {
  s3(request: IncomingMessage, response: ServerResponse, signed: boolean): Promise<void>;
  sqs(request: IncomingMessage, response: ServerResponse, operation: string | null): void;
  queues(): QueueFacts[];
  close(): Promise<void>;
};

/**
 * S3 and SQS by fauxqs, in one SQLite file under `dir` (each write is committed before it is answered, so a killed
 * process loses nothing that was acknowledged). `endpoint` is what queue URLs begin with.
 */
export const startFauxqs = async (options: {
  dir: string;
  endpoint: string;
  accountId: string;
  region: string;
  /** Told of what went wrong inside, such as a full disk; the caller of the service gets a 500 in its protocol. */
  onFailure: (error: Error) => void;
}): Promise<Fauxqs> => {
  const internals = await loadFauxqsInternals();
  const [s3Store, sqsStore, snsStore] = [new internals.S3Store(), new internals.SqsStore(), new internals.SnsStore()];
  const persistence = new internals.PersistenceManager(options.dir);
  // A killed process loses nothing with this, only a power cut may lose the last writes; it is several times faster.
  persistence.db.exec('PRAGMA synchronous = NORMAL');
  keepReceiveCountOfReleasedMessages(persistence);
  releaseInFlightMessages(persistence);
  rehostQueues(persistence, options.endpoint, options.accountId);
  persistence.load(sqsStore, snsStore, s3Store);
  for (const store of [s3Store, sqsStore, snsStore, ...sqsStore.allQueues()]) store.persistence = persistence;
  listObjectsInS3Order(s3Store);
  const versions = keepVersions(s3Store, persistence);
  const aboutVersions = answerAboutVersions(versions, (name) => s3Store.buckets.has(name));
  // Empty: queue URLs are built from the Host header (`http://127.0.0.1:<port>/…`) and not as sqs.<region>.localhost.
  sqsStore.host = '';
  sqsStore.region = options.region;

  const app = buildApp({ logger: false, stores: { s3Store, sqsStore, snsStore } as never });
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST_BODY }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error: Error, request, reply) => {
    options.onFailure(error);
    const sqs = request.raw.url === '/';
    const code = 'InternalError';
    reply.code(500).type(sqs ? 'application/x-amz-json-1.0' : 'application/xml');
    reply.send(sqs ? JSON.stringify({ __type: code, message: error.message }) : `<Error><Code>${code}</Code></Error>`);
  });
  const lookUp: LookUp = (bucket, key) => {
    const object = s3Store.buckets.get(bucket)?.get(key);
    return object && { etag: object.etag, bytes: object.contentLength };
  };
  // A callback hook runs its handler in the same turn, and the handlers are synchronous: check and write are one step.
  app.addHook('preHandler', (request, reply, done) => {
    const { method, headers, url } = request.raw;
    const [path, query = ''] = (url ?? '').split('?');
    const writes = method === 'PUT' ? !query.includes('uploadId=') : method === 'POST' && query.includes('uploadId=');
    const [bucket, key] = bucketAndKey(path!);
    const refusal = writes
      ? mayWrite(headers, lookUp(bucket, key))
      : method === 'DELETE' && key === '' && versions.hasOld(bucket)
        ? OLD_VERSIONS
        : method === 'POST' && /(^|&)delete(=|&|$)/.test(query) && String(request.body).includes('<VersionId>')
          ? DELETES_OF_VERSIONS
          : undefined;
    if (!refusal) return done();
    reply.code(refusal.status).type('application/xml');
    reply.send(`<Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`);
  });
  keepTraceHeaders(app, internals.SqsStore);
  await app.ready();

  return {
    async s3(request, response, signed) {
      if (guardS3(request, response, signed, lookUp)) return;
      if (!(await aboutVersions(request, response))) app.routing(request, response);
    },
    sqs(request, response, operation) {
      // Anything else fauxqs would take for S3's, behind the back of its guard.
      const isCall = request.method === 'POST' && !request.url?.includes('?');
      if (isCall && operation && SQS_OPERATIONS.has(operation)) app.routing(request, response);
      else answerNotImplemented(response, 'json', `SQS ${operation ?? 'without X-Amz-Target'}`);
    },
    queues: () =>
      [...sqsStore.allQueues()].map((queue) => {
        queue.processTimers();
        const { ready, inflight } = queue.inspectMessages();
        const sent = [...ready, ...inflight.map(({ message }) => message)].map(({ sentTimestamp }) => sentTimestamp);
        const oldest = sent.length > 0 ? Math.min(...sent) : undefined;
        return { name: queue.name, visible: ready.length, notVisible: inflight.length, oldest };
      }),
    async close() {
      await app.close();
      persistence.close();
    },
  };
};
