import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';
import { answerError, answerNotImplemented } from '../not-implemented.ts';
import { closeIterators } from './dynalite-fixes.ts';
import { openThroughput, type Throttled } from './dynamodb-throughput.ts';

/** What dynalite does; everything else is answered 501 instead of its own 400. */
const OPERATIONS = new Set(
  (
    'BatchGetItem BatchWriteItem CreateTable DeleteItem DeleteTable DescribeTable DescribeTimeToLive GetItem ListTables ' +
    'PutItem Query Scan TagResource UntagResource ListTagsOfResource UpdateItem UpdateTable'
  ).split(' '),
);

export type DynamoDb = {
  handle(request: IncomingMessage, response: ServerResponse, operation: string | null): void;
  close(): Promise<void>;
};

const EXCEEDED = {
  status: 400,
  code: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message:
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
};

/** What cannot be read is dynalite's to refuse. */
const bodyOf = (bytes: Buffer) => {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return {};
  }
};

/** A request whose body was read already, as dynalite takes it. */
const again = ({ method, url, headers }: IncomingMessage, body: Buffer): IncomingMessage =>
  Object.assign(Readable.from([body]), { method, url, headers }) as unknown as IncomingMessage;

/** DynamoDB by dynalite, kept in LevelDB under `dir`: writes go to its log at once, so a killed process loses none. */
export const startDynamoDb = async (
  dir: string,
  onThrottle: (throttled: Throttled) => void = () => {},
): Promise<DynamoDb> => {
  mkdirSync(dir, { recursive: true });
  closeIterators();
  const server: Server = dynalite({ path: dir, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Requests come by handle(); it listens because only a listening dynalite closes its database, and hears nobody
  // there.
  server.on('connection', (socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const throughput = openThroughput({ dir: `${dir}-throughput`, now: Date.now, onThrottle });
  const hand = (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
    // dynalite throws out of the event loop when a client goes away while it sends; a cancelled Lambda does that.
    request.removeAllListeners('error');
    request.on('error', () => response.destroy());
  };
  const handCounted = async (request: IncomingMessage, response: ServerResponse, operation: string) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = bodyOf(bytes);
    if (throughput.refuses(operation, body)) return answerError(response, 'json', EXCEEDED);
    if (operation === 'UpdateTable')
      response.once('finish', () => {
        if (response.statusCode === 200) throughput.changed(body);
      });
    hand(again(request, bytes), response);
  };
  return {
    handle(request, response, operation) {
      if (!operation || !OPERATIONS.has(operation)) {
        answerNotImplemented(response, 'json', `DynamoDB ${operation ?? 'without X-Amz-Target'}`);
        return;
      }
      if (!throughput.looksAt(operation)) return hand(request, response);
      handCounted(request, response, operation).catch(() => response.destroy());
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
