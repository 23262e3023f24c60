import { describe, expect, it } from '@jest/globals';
import { packageService, SERVICES } from '../../tests/conformance/packaged.ts';
import { asDeployed, keyPlan } from './adopt.ts';
import { withImports } from './import-resources.ts';
import { KINDS } from './kinds.ts';
import { retainedIn } from './retained.ts';

describe('the key of users', () => {
  it('is the one that sealed most of what is there, and the others stay usable', () => {
    expect(keyPlan(undefined, ['most', 'some'], ['newest'])).toEqual({ adopt: 'most', tag: ['some'] });
  });

  it('is one that was made for it and waits, where nothing is sealed', () => {
    expect(keyPlan(undefined, [], ['newest', 'oldest'])).toEqual({ adopt: 'newest', tag: [] });
    expect(keyPlan(undefined, [], [])).toEqual({ tag: [] });
  });

  it("is the stack's own where it has one; what sealed before stays usable", () => {
    expect(keyPlan('own', ['before', 'own'], [])).toEqual({ tag: ['before'] });
  });
});

describe('what an import changes', () => {
  const current = {
    Resources: { Bucket: { Type: 'AWS::S3::Bucket' } },
    Outputs: { Name: { Value: { Ref: 'Bucket' } } },
  };
  const table = { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' };

  it('is that the stack has those resources, and nothing else', () => {
    const stage = { Type: 'AWS::ApiGateway::Stage' };
    const template = withImports(current, [
      { id: 'Table', resource: table, identifier: { TableName: 't' } },
      { id: 'Stage', resource: stage, identifier: { RestApiId: 'a', StageName: 's' } },
    ]);
    expect(template).toEqual({
      Outputs: current.Outputs,
      // CloudFormation takes none that does not say what becomes of it.
      Resources: { ...current.Resources, Table: table, Stage: { ...stage, DeletionPolicy: 'Retain' } },
    });
  });
});

it('What is taken over is said to be as it was deployed last, so that the update changes what is to be otherwise', () => {
  const of = (Type: string, Properties: object) => ({ Type, DeletionPolicy: 'Retain', Properties: { ...Properties } });
  const bucket = { id: 'Bucket', resource: of('AWS::S3::Bucket', { a: 2 }), identifier: { BucketName: 'b' } };
  const table = { id: 'Table', resource: of('AWS::DynamoDB::Table', { a: 2 }), identifier: { TableName: 't' } };
  const last = { Resources: { Bucket: of('AWS::S3::Bucket', { a: 1 }), Table: of('AWS::SQS::Queue', { a: 1 }) } };
  expect(asDeployed([bucket, table], last)).toEqual([{ ...bucket, resource: last.Resources.Bucket }, table]);
  expect(asDeployed([bucket], undefined)).toEqual([bucket]);
});

describe('what stays when its stack goes', () => {
  const packaged = async () =>
    Promise.all(
      SERVICES.map(async (service) => ({
        service,
        retained: retainedIn((await packageService(service, 'dev')).template),
      })),
    );

  it('is told of by what it is and why', async () => {
    const types = (await packaged()).flatMap(({ retained }) => retained.map(({ type }) => type));
    expect(types.length).toBeGreaterThan(9);
    for (const type of types) expect(KINDS).toHaveProperty([type]);
  }, 300_000);

  it('is found again by the next deployment, but for what has no name of its own', async () => {
    const named = (await packaged()).map(({ service, retained }) => ({
      service,
      found: retained.filter(({ type }) => KINDS[type]?.find).map(({ id }) => id),
      // A key is found by what it sealed, the role by API Gateway's setting; that has no name and is only ever set.
      notFound: retained.filter(({ type }) => !KINDS[type]?.find).map(({ id }) => id),
    }));
    // Only there npm run deploy looks by name (scripts/deploy.ts).
    expect(named.filter(({ found }) => found.length > 0).map(({ service }) => service)).toEqual(['storage']);
    expect(named.flatMap(({ notFound }) => notFound).sort()).toEqual([
      'ApiGatewayAccount',
      'ApiGatewayLogsRole',
      'UsersKey',
    ]);
  }, 300_000);

  it('are the pool with its client and groups, so that who signs in and what they may is the same afterwards', async () => {
    const [storage] = await packaged();
    const ids = storage!.retained.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['UserPool', 'UserPoolClient', 'ReadersGroup', 'AnalystsGroup', 'OperatorsGroup']),
    );
  }, 300_000);
});
