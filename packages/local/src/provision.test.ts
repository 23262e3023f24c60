import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { DescribeLogGroupsCommand, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetDatabaseCommand } from '@aws-sdk/client-glue';
import { DescribeKeyCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { makeClients } from '@granary/embedded-aws/provision/clients';
import { resolveIntrinsics } from '@granary/embedded-aws/provision/intrinsics';
import { provision, scopeOfService } from '@granary/embedded-aws/provision/provision';
import { loadTemplates, type Template } from '@granary/embedded-aws/provision/templates';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureDemoUsers } from './demo-users.ts';
import { makePasswordSignIn } from './password-sign-in.ts';
import { ROOT } from './state.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-provision-'));
let aws: EmbeddedAws;
const options = () => ({ endpoint: aws.url, account: '000000000000', region: 'us-east-1', stage: 'local' });
const template = (resources: Template['resources'], outputs: Template['outputs'] = {}, service = 'one'): Template => ({
  service,
  resources,
  outputs,
  params: {},
});

beforeAll(async () => {
  aws = await startEmbeddedAws({ port: 0, dir: join(dir, 'aws') });
});
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

describe("the services' own resources", () => {
  it('are all made, twice without harm, with the redrive policy, the index and the exports that they declare', async () => {
    const templates = await loadTemplates({ root: ROOT, stage: 'local' });
    const first = await provision(templates, options());
    expect(await provision(templates, options())).toEqual(first);
    expect(first.exports).toMatchObject({
      'granary-local-data-bucket': 'granary-000000000000-us-east-1-local-data',
      'granary-local-user-pool-id': 'us-east-1_LocalPool',
    });
    const { s3, sqs, dynamodb } = makeClients(aws.url, 'us-east-1');
    const Bucket = 'granary-000000000000-us-east-1-local-data';
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const QueueUrl = `${aws.url}/000000000000/granary-local-collect`;
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(JSON.parse(Attributes!.RedrivePolicy!)).toMatchObject({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:granary-local-collect-dlq',
      maxReceiveCount: 3,
    });
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'granary-local-catalog' }));
    expect(Table?.GlobalSecondaryIndexes?.map((index) => index.IndexName)).toEqual(['GSI1']);
  });

  it("make one key of users and one of alarms, found again at each start, and the users' log with its four streams", async () => {
    const templates = await loadTemplates({ root: ROOT, stage: 'local' });
    const { exports } = await provision(templates, options());
    const { kms, logs } = makeClients(aws.url, 'us-east-1');
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/granary-local-users' }));
    expect(KeyMetadata).toMatchObject({
      Arn: exports['granary-local-users-key-arn'],
      Description: 'granary-local-users',
    });
    expect((await kms.send(new ListKeysCommand())).Keys).toHaveLength(2);
    const logGroupName = '/granary/local/users';
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: expect.any(Number) }]);
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }));
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['Audit', 'Error', 'Info', 'Status']);
  });

  it('let functions find queues that another service exports, whatever the order of the services', async () => {
    const templates = await loadTemplates({ root: ROOT, stage: 'local' });
    const resources = await provision(templates.toReversed(), options());
    const scope = scopeOfService(resources, 'granary-api');
    for (const name of ['collect', 'fetch-users']) {
      const urls = [`granary-local-${name}-queue-url`, `granary-local-${name}-dlq-url`].map((output) =>
        resolveIntrinsics({ 'Fn::ImportValue': output }, scope),
      );
      const queue = `${aws.url}/000000000000/granary-local-${name}`;
      expect(await Promise.all(urls)).toEqual([queue, `${queue}-dlq`]);
    }
  });

  it('let the demo users sign in, each with the groups of its name, by a password that stays', async () => {
    const templates = await loadTemplates({ root: ROOT, stage: 'local' });
    const resources = await provision(templates, options());
    const place = { endpoint: aws.url, region: 'us-east-1', userPoolId: 'us-east-1_LocalPool' };
    const users = await ensureDemoUsers(place);
    expect(await ensureDemoUsers(place, users)).toEqual(users);
    const clientId = resources.exports['granary-local-user-pool-client-id']!;
    const token = await makePasswordSignIn({ awsEndpoint: aws.url, clientId, ...users.analyst })();
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ aud: clientId, token_use: 'id', 'cognito:groups': ['analysts'] });
    const wrong = makePasswordSignIn({ awsEndpoint: aws.url, clientId, username: 'analyst', password: 'x' });
    await expect(wrong()).rejects.toThrow('Incorrect username or password');
  });
});

describe('provision', () => {
  it('makes resources in the order of their references and resolves imports between services', async () => {
    const queue = template(
      {
        Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': '${Name.QueueName}-b' } } },
        Name: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'a' } },
      },
      { Out: { Value: { Ref: 'Queue' }, Export: { Name: 'the-queue' } } },
    );
    const resources = await provision([queue], options());
    expect(resources.exports['the-queue']).toBe(`${aws.url}/000000000000/a-b`);
    const scope = scopeOfService(resources, 'one');
    expect((await scope.resource('Queue')).attributes.Arn).toBe('arn:aws:sqs:us-east-1:000000000000:a-b');
    await expect(scope.resource('Other')).rejects.toThrow('Other of one');
  });

  it('names what is not made here when something refers to it, instead of its logical id for an address', async () => {
    const topic = { Type: 'AWS::Events::Rule' };
    const named = { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': 'to-${Topic}' } } };
    await expect(provision([template({ Topic: topic, Queue: named })], options())).rejects.toThrow(
      /Queue of one .*Topic is of a type that is not made locally/,
    );
    const { stacks, ...rest } = await provision([template({ Topic: topic })], options());
    const scope = scopeOfService({ stacks, ...rest }, 'one');
    await expect(resolveIntrinsics({ Ref: 'Topic' }, scope)).rejects.toThrow('Topic');
  });

  it('moves an alias to the key that a template names now', async () => {
    const key = (name: string) => ({ Type: 'AWS::KMS::Key', Properties: { Description: name } });
    const alias = (target: object) => ({
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/moved', TargetKeyId: target },
    });
    const keys = { One: key('one'), Two: key('two') };
    const first = await provision([template({ ...keys, Alias: alias({ Ref: 'One' }) })], options());
    const second = await provision([template({ ...keys, Alias: alias({ 'Fn::GetAtt': ['Two', 'Arn'] }) })], options());
    expect(second.stacks.one?.One).toEqual(first.stacks.one?.One);
    const { kms } = makeClients(aws.url, 'us-east-1');
    const KeyId = second.stacks.one?.Two?.ref as string;
    expect((await kms.send(new ListAliasesCommand({ KeyId }))).Aliases).toMatchObject([{ AliasName: 'alias/moved' }]);
    await expect(provision([template({ Key: { Type: 'AWS::KMS::Key' } })], options())).rejects.toThrow('Description');
  });

  it('makes a database and a workgroup, whose limit may be text, and what a template says of them later', async () => {
    const database = (Description?: string) => ({
      Type: 'AWS::Glue::Database',
      Properties: { CatalogId: { Ref: 'AWS::AccountId' }, DatabaseInput: { Name: 'some_tables', Description } },
    });
    const group = (settings: object) => ({
      Type: 'AWS::Athena::WorkGroup',
      Properties: { Name: 'some', RecursiveDeleteOption: true, WorkGroupConfiguration: settings },
    });
    const { glue, athena } = makeClients(aws.url, 'us-east-1');
    const made = async () => {
      const { Database } = await glue.send(new GetDatabaseCommand({ Name: 'some_tables' }));
      const { WorkGroup } = await athena.send(new GetWorkGroupCommand({ WorkGroup: 'some' }));
      const { BytesScannedCutoffPerQuery: bytes, ResultConfiguration: result } = WorkGroup?.Configuration ?? {};
      return [
        Database?.Description,
        bytes,
        result?.OutputLocation,
        WorkGroup?.Configuration?.EnforceWorkGroupConfiguration,
      ];
    };
    const limited = { BytesScannedCutoffPerQuery: '20000000', EnforceWorkGroupConfiguration: 'true' };
    const first = { ...limited, ResultConfiguration: { OutputLocation: 's3://bucket-a/results/' } };
    await provision([template({ Database: database('one'), Group: group(first) })], options());
    expect(await made()).toEqual(['one', 20_000_000, 's3://bucket-a/results/', true]);
    const other = { EnforceWorkGroupConfiguration: false, ResultConfiguration: { OutputLocation: 's3://bucket-b/' } };
    await provision([template({ Database: database(), Group: group(other) })], options());
    expect(await made()).toEqual([undefined, undefined, 's3://bucket-b/', false]);
  });

  it('names a type that it does not know, and leaves out what nothing needs here', async () => {
    const unknown = template({ Stream: { Type: 'AWS::Kinesis::Stream' } });
    await expect(provision([unknown], options())).rejects.toThrow(/Stream of one is of type AWS::Kinesis::Stream/);
    const rule = template({
      Rule: { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Arn: { Ref: 'Nowhere' } }] } },
    });
    expect((await provision([rule], options())).stacks.one?.Rule).toEqual({ ref: null, attributes: {} });
  });
});
