import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { eventOf } from '@granary/local/plugin/batch';
import { startReplica } from '@granary/local/replica/replica';
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
  handler(event, { awsRequestId: 'traced', getRemainingTimeInMillis: () => 60000 }).then(() => setTimeout(() => process.exit(), 50));
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
}, 60_000);
afterAll(async () => {
  await stack?.stop();
  await source?.close();
  await replica?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the bundled function sends to X-Ray, and what it writes, while it works on three pages. */
const fetchTraced = async (answer: Answer): Promise<{ datagrams: string[]; output: string }> => {
  source.answerBy(answer);
  await stack.plan({ force: true, users: 30, size: 10 });
  const QueueUrl = stack.queueUrl('fetch-users');
  const request = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
  const { Messages = [] } = await stack.sqs.send(new ReceiveMessageCommand(request));
  expect(Messages).toHaveLength(3);
  const event = join(folder, 'event.json');
  writeFileSync(event, JSON.stringify(eventOf(Messages, 'arn', 'us-east-1')));

  const daemon = createSocket('udp4');
  const datagrams: string[] = [];
  daemon.on('message', (message) => datagrams.push(String(message)));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--eval', INVOKER, join(folder, 'fetch-users.js'), event],
      {
        env: {
          ...stack.env,
          TRACING: 'true',
          AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          LAMBDA_TASK_ROOT: folder,
        },
      },
    );
    return { datagrams, output: `${stdout}${stderr}` };
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
      const { datagrams, output } = await fetchTraced(answer);
      const names = datagrams.map((datagram) => JSON.parse(datagram.split('\n')[1]).name);
      expect(names).toEqual(expect.arrayContaining(['## fetch-users', 'DynamoDB']));
      const { sealed, contact } = personalOf(source.given);
      expect(sealed.size).toBeGreaterThan(30);
      const words = new Set([...sealed, ...contact]);
      expect([foundIn(datagrams.join('\n'), words), foundIn(output, words)]).toEqual([[], []]);
      // Each test begins with a source that is free.
      await stack.workUntil(stack.drained, { timeout_ms: 20_000 });
    },
    40_000,
  );
});
