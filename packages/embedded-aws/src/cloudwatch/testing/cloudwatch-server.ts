import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type CloudWatch, startCloudWatch } from '../cloudwatch.ts';

/** CloudWatch by itself over HTTP, with a clock that the test sets, and the SDK's client of it. */
export const startCloudWatchServer = async (options: { speed?: number } = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'embedded-cloudwatch-'));
  const clock = { now: Date.parse('2026-11-30T12:00:00Z') };
  const failures: Error[] = [];
  const open = (): CloudWatch =>
    startCloudWatch({
      ...{ dir, region: 'us-east-1', accountId: '000000000000', ...options },
      now: () => clock.now,
      onFailure: (error) => void failures.push(error),
    });
  let cloudwatch = open();
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    void cloudwatch.handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials, maxAttempts: 1 };
  const client = new CloudWatchClient(settings);
  return {
    ...{ client, clock, failures, requests },
    get cloudwatch() {
      return cloudwatch;
    },
    pass(seconds: number): void {
      clock.now += seconds * 1000;
    },
    /** As after a new start, on the same state. */
    reopen(): void {
      cloudwatch.close();
      cloudwatch = open();
    },
    async close() {
      client.destroy();
      server.close();
      server.closeAllConnections();
      cloudwatch.close();
      rmSync(dir, { recursive: true });
    },
  };
};
export type CloudWatchServer = Awaited<ReturnType<typeof startCloudWatchServer>>;
