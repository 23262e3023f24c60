import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import dynalite from 'dynalite';
import { closeIterators } from './dynalite-fixes.ts';
import { answerNotImplemented } from './not-implemented.ts';

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

/** DynamoDB by dynalite, kept in LevelDB under `dir`: writes go to its log at once, so a killed process loses none. */
export const startDynamoDb = async (dir: string): Promise<DynamoDb> => {
  mkdirSync(dir, { recursive: true });
  closeIterators();
  const server: Server = dynalite({ path: dir, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Requests come by handle(); it listens because only a listening dynalite closes its database, and hears nobody there.
  server.on('connection', (socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    handle(request, response, operation) {
      if (!operation || !OPERATIONS.has(operation)) {
        answerNotImplemented(response, 'json', `DynamoDB ${operation ?? 'without X-Amz-Target'}`);
        return;
      }
      server.emit('request', request, response);
      // dynalite throws out of the event loop when a client goes away while it sends; a cancelled Lambda does that.
      request.removeAllListeners('error');
      request.on('error', () => response.destroy());
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
