import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { startGlue } from '@granary/embedded-aws/glue/glue';

/** For tests: Glue as the embedded AWS has it, over HTTP on a free port of this machine. */
export const startGlueEmulator = async ({ now }: { now?: () => number } = {}) => {
  const dir = await mkdtemp(join(tmpdir(), 'granary-glue-'));
  const failures: Error[] = [];
  const glue = startGlue({ dir, accountId: '000000000000', onFailure: (error) => failures.push(error), now });
  const server = createServer((request, response) => void glue.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new GlueClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    /** What failed inside of it. */
    failures,
    async createDatabase(Name: string): Promise<string> {
      await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }));
      return Name;
    },
    async stop(): Promise<void> {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
};

export type GlueEmulator = Awaited<ReturnType<typeof startGlueEmulator>>;
