import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { doneMessages, eventOf } from '@granary/local/plugin/batch';
import { startReplica } from '@granary/replica/replica';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeBundle } from '../../scripts/bundles.ts';
import { foundIn, personalOf } from '../../services/ingestion/src/testing/personal-data.ts';
import {
  type Answer,
  startUsersSource,
  type UsersTestSource,
} from '../../services/ingestion/src/testing/users-source.ts';
import { startUsersStack, type UsersStack } from '../../services/ingestion/src/testing/users-stack.ts';

const TRACE = '1-5759e988-000000000000000000000001';
/** Invokes the function as Lambda's runtime does, with an invocation that X-Ray has chosen. */
const INVOKER = `
  const { handler } = require(process.argv[1]);
  const event = JSON.parse(require('node:fs').readFileSync(process.argv[2]));
  process.env._X_AMZN_TRACE_ID = 'Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1';
  handler(event, { awsRequestId: 'traced', getRemainingTimeInMillis: () => 60000 }).then((answer) => {
    console.log('answer ' + JSON.stringify(answer));
    // The daemon's datagrams are on their way.
    setTimeout(() => process.exit(), 100);
  });
`;

let folder: string;
let replica: Awaited<ReturnType<typeof startReplica>>;
let source: UsersTestSource;
let stack: UsersStack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-traced-users-'));
  await writeBundle(join(import.meta.dirname, '../../services/ingestion/src/functions/fetch-users.ts'), folder);
  replica = await startReplica({ port: 0 });
  source = await startUsersSource(replica.bases.users);
  stack = await startUsersStack(source.url);
}, 180_000);
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Hands what waits in the queue to the bundled function, until it is done or a dead letter; gives what that sends to
 * X-Ray and writes.
 */
const workTraced = async (): Promise<{ datagrams: string[]; output: string }> => {
  const QueueUrl = stack.queueUrl('fetch-users');
  const eventFile = join(folder, 'event.json');
  const daemon = createSocket('udp4');
  const datagrams: string[] = [];
  let output = '';
  daemon.on('message', (message) => datagrams.push(String(message)));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  const env = {
    ...stack.env,
    TRACING: 'true',
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: folder,
  };
  const receive = {
    QueueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 1,
    MessageSystemAttributeNames: ['All' as const],
  };
  try {
    while (!(await stack.drained())) {
      const { Messages = [] } = await stack.sqs.send(new ReceiveMessageCommand(receive));
      if (Messages.length === 0) continue;
      writeFileSync(eventFile, JSON.stringify(eventOf(Messages, 'arn', 'us-east-1')));
      const invoked = await promisify(execFile)(
        process.execPath,
        ['--eval', INVOKER, join(folder, 'fetch-users.js'), eventFile],
        { env },
      );
      output += invoked.stdout + invoked.stderr;
      const payload = JSON.parse(/^answer (.*)$/m.exec(invoked.stdout)![1]);
      for (const { ReceiptHandle } of doneMessages(Messages, { payload, failed: false }, true)) {
        await stack.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
    return { datagrams, output };
  } finally {
    daemon.close();
  }
};

describe('The bundled function that fetches users, traced', () => {
  it.each<[string, Answer]>([
    ['when all goes well', () => undefined],
    ['when the source sends half of its users with an error', ({ body }) => ({ status: 500, body })],
    ['when its answers are cut', ({ body }) => ({ body: body.slice(0, -20) })],
  ])(
    'tells X-Ray and its log nothing of a person: %s',
    async (_, answer) => {
      source.answerBy(answer);
      const planned = await stack.plan({ force: true, users: 30, size: 10 });
      const { datagrams, output } = await workTraced();
      const names = datagrams.map((datagram) => JSON.parse(datagram.split('\n')[1]).name);
      expect(names).toEqual(expect.arrayContaining(['## fetch-users', 'DynamoDB']));
      const { sealed, contact } = personalOf(source.given);
      expect(sealed.size).toBeGreaterThan(30);
      const words = [...sealed, ...contact];
      expect([foundIn(datagrams.join('\n'), words), foundIn(output, words)]).toEqual([[], []]);
      // Workers of the stack itself would go on, and take the next test's messages from the traced one.
      expect((await stack.runOf(planned.run!.id)).state).not.toBe('running');
    },
    120_000,
  );
});
