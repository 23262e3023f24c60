import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeBundle } from '../../scripts/bundles.ts';
import { packageService } from './packaged.ts';

const root = join(import.meta.dirname, '../..');
const ROOTS = ['1-5759e988-000000000000000000000001', '1-5759e988-000000000000000000000002'];
/** Invokes the function as Lambda's runtime does: a header for each, and one that X-Ray did not choose between them. */
const INVOKER = `
  const { handler } = require(process.argv[1]);
  const invoke = async (root, sampled) => {
    process.env._X_AMZN_TRACE_ID = 'Root=' + root + ';Parent=53995c3f42cd8ad8;Sampled=' + sampled;
    await handler({}, { awsRequestId: root });
  };
  setTimeout(async () => {
    await invoke('${ROOTS[0]}', 1);
    await invoke('1-5759e988-00000000000000000000000f', 0);
    setTimeout(() => invoke('${ROOTS[1]}', 1), 10);
  }, 10);
`;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-traced-'));
  await writeBundle(join(root, 'services/ingestion/src/functions/sweep.ts'), folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The subsegments that the bundled sweep sends while it asks a table and an engine that are empty. */
const sweep = async (environment: Record<string, string>): Promise<Record<string, unknown>[]> => {
  const daemon = createSocket('udp4');
  const received: string[] = [];
  daemon.on('message', (message) => received.push(String(message)));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  const table = createServer((_, response) =>
    response.end('{"Items":[],"Count":0,"ConsumedCapacity":{"CapacityUnits":0.5}}'),
  ).listen(0, '127.0.0.1');
  await new Promise((resolve) => table.once('listening', resolve));
  try {
    await promisify(execFile)(process.execPath, ['--eval', INVOKER, join(folder, 'sweep.js')], {
      env: {
        STAGE: 'test',
        CATALOG_TABLE: 'catalog',
        DATA_BUCKET: 'data',
        SQL_DATABASE: 'granary_test',
        SQL_WORKGROUP: 'granary-test',
        SQL_SECONDS: '300',
        USERS_LOG_GROUP: '/granary/test/users',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(table.address() as AddressInfo).port}`,
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        LAMBDA_TASK_ROOT: folder,
        ...environment,
      },
    });
    return received.map((datagram) => JSON.parse(datagram.split('\n')[1]));
  } finally {
    daemon.close();
    table.close();
    table.closeAllConnections();
  }
};

describe('a bundled function', () => {
  it('shows each chosen invocation in X-Ray, with the calls of its AWS clients below it, when tracing is on', async () => {
    const sent = await sweep({ TRACING: 'true' });
    const seen = sent.map(({ trace_id, name }) => `${trace_id} ${name}`).sort();
    expect(seen).toEqual(
      // It asks thrice: for queries that run too long, for runs whose lease is over, and for those that nobody
      // announced.
      ROOTS.flatMap((trace) => [`${trace} ## sweep`, `${trace} Athena`, `${trace} DynamoDB`, `${trace} DynamoDB`]),
    );
    for (const trace of ROOTS) {
      const [own, query] = ['## sweep', 'DynamoDB'].map((name) =>
        sent.find((subsegment) => subsegment.trace_id === trace && subsegment.name === name),
      );
      expect(own).toMatchObject({ parent_id: '53995c3f42cd8ad8', annotations: { Service: 'ingestion' } });
      expect(query).toMatchObject({
        ...{ parent_id: own?.id, namespace: 'aws' },
        aws: { operation: 'Query', consumed_capacity: { CapacityUnits: 0.5 } },
      });
    }
  });

  it('needs no tracer at all when tracing is off', async () => {
    rmSync(join(folder, 'tracer.cjs'));
    expect(await sweep({ TRACING: 'false' })).toEqual([]);
  });

  it('is packaged with the tracer beside it', async () => {
    for (const [service, path] of [
      ['api', 'src/areas/tracer.cjs'],
      ['ingestion', 'src/functions/tracer.cjs'],
    ] as const) {
      const packaged = await packageService(service, 'dev');
      const zips = readdirSync(packaged.folder).filter((name) => name.endsWith('.zip'));
      expect(zips.length).toBeGreaterThan(1);
      // A zip names its files in clear.
      for (const zip of zips) expect(readFileSync(join(packaged.folder, zip)).includes(path)).toBe(true);
    }
  }, 540_000);
});
