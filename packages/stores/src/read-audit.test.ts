import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { expect, it } from '@jest/globals';
import { makeReadAudit } from './read-audit.ts';

it('X4: a read is there in the stream Audit when writing it ends, as a line and as a metric, and fails where it cannot be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-audit-'));
  const aws = await startEmbeddedAws({ port: 0, dir: folder });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new CloudWatchLogsClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  const group = '/granary/test/users';
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  const at = Date.now();
  const audit = makeReadAudit({ client, group }, { service: 'api', stage: 'test' }, () => at);
  const read = { sub: 'c0ffee', route: 'GET /v1/users', users: 100 };
  // There is no such stream yet: whoever reads is told nothing.
  await expect(audit.write(read)).rejects.toThrow();

  await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'Audit' }));
  await audit.write(read);
  const { events } = await client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: 'Audit' }));
  expect(events?.map(({ message }) => JSON.parse(message as string))).toEqual([
    {
      timestamp: new Date(at).toISOString(),
      message: 'personal data read',
      ...read,
      ...{ service: 'api', stage: 'test', UnmaskedReads: 1, UnmaskedUsers: 100 },
      _aws: {
        Timestamp: at,
        CloudWatchMetrics: [
          {
            Namespace: 'Granary',
            Dimensions: [['service', 'stage']],
            Metrics: [
              { Name: 'UnmaskedReads', Unit: 'Count' },
              { Name: 'UnmaskedUsers', Unit: 'Count' },
            ],
          },
        ],
      },
    },
  ]);

  await aws.close();
  await expect(audit.write(read)).rejects.toThrow();
  client.destroy();
  await rm(folder, { recursive: true });
}, 90_000);
