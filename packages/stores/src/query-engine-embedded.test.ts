import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { makeAthenaQueryEngine } from './athena-query-engine.ts';
import { queryEngineContract } from './contracts/query-engine.ts';

jest.setTimeout(30_000);

const place = { workgroup: 'granary-test', database: 'granary_test', bucket: 'granary-data' };
let folder: string;
let aws: EmbeddedAws;
let client: AthenaClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'granary-athena-'));
  aws = await startEmbeddedAws({ port: 0, dir: folder });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const options = { endpoint: aws.url, region: 'us-east-1', credentials };
  const [s3, glue] = [new S3Client({ ...options, forcePathStyle: true }), new GlueClient(options)];
  client = new AthenaClient(options);
  await s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: place.database } }));
  const OutputLocation = `s3://${place.bucket}/exports/queries/`;
  await client.send(
    new CreateWorkGroupCommand({
      Name: place.workgroup,
      Configuration: { EnforceWorkGroupConfiguration: true, ResultConfiguration: { OutputLocation } },
    }),
  );
  s3.destroy();
  glue.destroy();
});
afterAll(async () => {
  client?.destroy();
  await aws?.close();
  await rm(folder, { recursive: true });
});

queryEngineContract('Athena as it is embedded', async () => makeAthenaQueryEngine({ client, ...place }));
