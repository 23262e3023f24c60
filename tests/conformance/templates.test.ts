import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { operationsOf, readDocument } from './answers.ts';
import { packageService, SERVICES, type Template } from './packaged.ts';

const RESOURCE_LIMIT = 400;
/** X-Ray has no resource-level permissions (Service Authorization Reference, "Actions defined by AWS X-Ray"). */
const ACTIONS_WITHOUT_RESOURCES = /^xray:Put/;

const stages: Record<string, Record<string, unknown>> = parse(
  readFileSync(join(import.meta.dirname, '../../config/stages.yml'), 'utf8'),
);

/**
 * Replaces what may differ between two packagings of the same code: the stage's name, code versions, deployment ids.
 */
const normalise = (template: Template, stage: string): unknown =>
  JSON.parse(
    JSON.stringify(template)
      .replaceAll(new RegExp(`(?<![A-Za-z])${stage}(?![A-Za-z])`, 'g'), '<stage>')
      .replaceAll(new RegExp(`(?<=[a-z])${stage[0].toUpperCase()}${stage.slice(1)}(?![a-z])`, 'g'), '<Stage>')
      .replaceAll(/ApiGatewayDeployment[0-9A-Za-z]+/g, 'ApiGatewayDeployment<id>')
      .replaceAll(/\d{13}-\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replaceAll(/(LambdaVersion)[A-Za-z0-9]+/g, '$1<hash>'),
  );

type Difference = { path: string; one: unknown; other: unknown };

const differences = (one: unknown, other: unknown, path = ''): Difference[] => {
  // A list of plain values, such as the flows of a client, is one value.
  const lists = [one, other].every((side) => Array.isArray(side) && side.every((item) => typeof item !== 'object'));
  if (lists) return JSON.stringify(one) === JSON.stringify(other) ? [] : [{ path, one, other }];
  if (one !== null && other !== null && typeof one === 'object' && typeof other === 'object') {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.flatMap((name) =>
      differences((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name], `${path}/${name}`),
    );
  }
  return one === other ? [] : [{ path, one, other }];
};

/** Whether the two values are what one parameter is in the two stages, alone or within a longer text. */
const isStageValue = ({ one, other }: Difference, a: string, b: string): boolean =>
  Object.keys(stages.default).some((name) => {
    const first = stages[a]?.[name] ?? stages.default[name];
    const second = stages[b]?.[name] ?? stages.default[name];
    if (first === second) return false;
    return String(one).split(String(first)).join('\0') === String(other).split(String(second)).join('\0');
  });

type Statement = { Effect: string; Action: string | string[]; Resource: unknown };
/** What every function of all services may do, by the name of its role. */
const rolesOfFunctions = async (): Promise<{ name: string; statements: Statement[] }[]> => {
  const templates = await Promise.all(SERVICES.map((service) => packageService(service, 'dev')));
  return templates
    .flatMap(({ template }) => Object.entries(template.Resources))
    .filter(([name, { Type }]) => Type === 'AWS::IAM::Role' && name.endsWith('IamRoleLambdaExecution'))
    .map(([name, { Properties }]) => ({
      name: name.replace(/IamRoleLambdaExecution$/, ''),
      statements: ((Properties?.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      ),
    }));
};

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * As IAM decides for an action on an S3 key: whether a statement says so of it, wildcards in action and resource
 * included.
 */
const speaksOf = ({ Action, Resource }: Statement, action: string, key: string): boolean => {
  const matches = (pattern: string, text: string) =>
    new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`, 'i').test(text);
  const resources = [Resource]
    .flat()
    .map((one) => (typeof one === 'string' ? one : String(Object.values(one as object)[0])));
  return (
    [Action].flat().some((one) => matches(one, action)) &&
    resources.some((one) => one === '*' || (one.includes(':s3:::') && matches(one.replace(/^[^/]*/, ''), key)))
  );
};

type Method = { HttpMethod: string; ResourceId: unknown };
const methodsOf = (template: Template): Method[] =>
  Object.values(template.Resources)
    .filter((resource) => resource.Type === 'AWS::ApiGateway::Method')
    .map((resource) => resource.Properties as unknown as Method);

describe.each(SERVICES)('the packaged %s service', (service) => {
  it('is packaged for dev and prod without credentials, and the templates differ only in stage values', async () => {
    const [dev, prod] = [await packageService(service, 'dev'), await packageService(service, 'prod')];
    const found = differences(normalise(dev.template, 'dev'), normalise(prod.template, 'prod'));
    expect(found.filter((difference) => !isStageValue(difference, 'dev', 'prod'))).toEqual([]);
  }, 540_000);

  it(`has fewer than ${RESOURCE_LIMIT} resources`, async () => {
    const { template } = await packageService(service, 'dev');
    const count = Object.keys(template.Resources).length;
    process.stdout.write(`    ${service}: ${count} resources\n`);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(RESOURCE_LIMIT);
  }, 540_000);

  it('has no role that nothing is given', async () => {
    const { Resources } = (await packageService(service, 'dev')).template;
    const roles = Object.keys(Resources).filter((name) => Resources[name]!.Type === 'AWS::IAM::Role');
    const unused = roles.filter((role) =>
      Object.entries(Resources).every(([name, one]) => name === role || !JSON.stringify(one).includes(`"${role}"`)),
    );
    expect(unused).toEqual([]);
  }, 540_000);

  it('grants no function an action on every resource', async () => {
    const { template } = await packageService(service, 'dev');
    const wide = Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === 'AWS::IAM::Role')
      .flatMap(([name, resource]) =>
        (
          (resource.Properties?.Policies ?? []) as {
            PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] };
          }[]
        )
          .flatMap((policy) => policy.PolicyDocument.Statement)
          .filter((statement) => [statement.Resource].flat().includes('*'))
          .flatMap((statement) => [statement.Action].flat())
          .filter((action) => !ACTIONS_WITHOUT_RESOURCES.test(action))
          .map((action) => `${name}: ${action}`),
      );
    expect(wide).toEqual([]);
  }, 540_000);
});

describe('X12: what functions may do', () => {
  type Conditional = Statement & { Condition?: Record<string, Record<string, unknown>> };
  const statements = async () =>
    (await rolesOfFunctions()).flatMap(({ name, statements: all }) =>
      (all as Conditional[]).filter(({ Effect }) => Effect === 'Allow').map((statement) => ({ name, ...statement })),
    );
  const isOf = ({ Resource }: Statement, part: string) => JSON.stringify(Resource).includes(part);

  it('in the catalog table is to certain items, in every statement about it', async () => {
    const about = (await statements()).filter((statement) => isOf(statement, 'table/granary-dev-catalog'));
    expect(about.length).toBeGreaterThan(10);
    for (const { name, Action, Condition } of about) {
      const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] as string[];
      expect({ name, Action, keys }).toMatchObject({ keys: [expect.stringMatching(/^[A-Z]+(#\*)?$/)] });
      expect(Condition?.Null).toEqual({ 'dynamodb:LeadingKeys': 'false' });
    }
  }, 540_000);

  it('is to write into their log groups, never to make one', async () => {
    const logs = (await statements()).filter(({ Action }) => JSON.stringify(Action).includes('logs:CreateLogStream'));
    expect(logs.length).toBe((await rolesOfFunctions()).length);
    expect(JSON.stringify(await statements())).not.toContain('logs:CreateLogGroup');
  }, 540_000);

  it('is to list what lies below a prefix, never the bucket', async () => {
    const lists = (await statements()).filter(({ Action }) => [Action].flat().includes('s3:ListBucket'));
    expect(lists.length).toBeGreaterThan(5);
    for (const { name, Action, Condition } of lists) {
      expect({ name, Action }).toEqual({ name, Action: ['s3:ListBucket'] });
      for (const prefix of Condition!.StringLike!['s3:prefix'] as string[])
        expect({ name, prefix }).toEqual({ name, prefix: expect.stringMatching(/^[a-z_]+\/./) });
    }
  }, 540_000);
});

describe('the packaged API', () => {
  it('has a HEAD for each GET, with the same authorizer', async () => {
    const { template } = await packageService('api', 'dev');
    const key = (method: Method) =>
      JSON.stringify([method.ResourceId, (method as { AuthorizationType?: string }).AuthorizationType]);
    const methods = methodsOf(template);
    const gets = methods.filter((method) => method.HttpMethod === 'GET').map(key);
    const heads = methods.filter((method) => method.HttpMethod === 'HEAD').map(key);
    // Two have another path besides, which no document names: /rest/v1 is for clients that look there.
    expect(gets.length).toBe(operationsOf(readDocument()).filter(({ method }) => method === 'GET').length + 2);
    expect(heads.sort()).toEqual(gets.sort());
  }, 540_000);

  const only = (template: Template, type: string) => {
    const [[id, resource], ...others] = Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
    expect(others).toEqual([]);
    return { id: id!, ...resource! };
  };

  it('throttles all of its methods, and those that wait for a query to fewer requests', async () => {
    const { template } = await packageService('api', 'dev');
    const of = (
      ResourcePath: string,
      HttpMethod: string,
      ThrottlingRateLimit: unknown,
      ThrottlingBurstLimit: unknown,
    ) => ({
      ...{ ResourcePath, HttpMethod, ThrottlingRateLimit, ThrottlingBurstLimit },
      ...{ LoggingLevel: 'OFF', DataTraceEnabled: false, MetricsEnabled: false },
    });
    const { throttleRate, throttleBurst, queryRate, queryBurst } = stages.default;
    expect(only(template, 'AWS::ApiGateway::Stage').Properties?.MethodSettings).toEqual([
      of('/*', '*', throttleRate, throttleBurst),
      of('/~1v1~1query', 'POST', queryRate, queryBurst),
      ...['GET', 'HEAD', 'DELETE'].map((method) => of('/~1v1~1query~1{id}', method, queryRate, queryBurst)),
    ]);
    expect(queryRate).toBeLessThan(throttleRate as number);
  }, 540_000);

  it('has a stage of its own, of a Deployment that says nothing of it, so that it can be deployed again', async () => {
    const { template } = await packageService('api', 'dev');
    const stage = only(template, 'AWS::ApiGateway::Stage');
    const deployment = only(template, 'AWS::ApiGateway::Deployment');
    expect(Object.keys(deployment.Properties!).sort()).toEqual(['RestApiId']);
    expect(stage).toMatchObject({
      id: 'ApiGatewayStage',
      DependsOn: ['ApiGatewayAccount'],
      Properties: {
        ...{ RestApiId: { Ref: 'ApiGatewayRestApi' }, StageName: 'dev', DeploymentId: { Ref: deployment.id } },
        TracingEnabled: true,
        AccessLogSetting: { Format: expect.stringContaining('$context.resourcePath') },
      },
    });
    // What a Deployment holds is what was there when it was made.
    const held = Object.entries(template.Resources).filter(([, { Type }]) =>
      /^AWS::ApiGateway::(Method|GatewayResponse|Authorizer)$/.test(Type),
    );
    expect(held.length).toBeGreaterThan(100);
    expect([deployment.DependsOn].flat()).toEqual(expect.arrayContaining(held.map(([id]) => id)));
    const prod = (await packageService('api', 'prod')).template;
    expect(only(prod, 'AWS::ApiGateway::Stage').id).toBe(stage.id);
    expect(only(prod, 'AWS::ApiGateway::Deployment').id).not.toBe(deployment.id);
  }, 540_000);

  it('R8: hands every other method of an address to its function, which says 405 and which there are', async () => {
    const { template } = await packageService('api', 'dev');
    const methods = methodsOf(template);
    const places = (name: string) =>
      methods.filter(({ HttpMethod }) => HttpMethod === name).map(({ ResourceId }) => JSON.stringify(ResourceId));
    expect(places('ANY').sort()).toEqual(
      [...new Set(methods.map(({ ResourceId }) => JSON.stringify(ResourceId)))].sort(),
    );
    expect(places('OPTIONS').sort()).toEqual(places('ANY').sort());
  }, 540_000);

  it('has each POST, PUT and DELETE behind the one Cognito authorizer, and no HEAD beside a POST', async () => {
    const { template } = await packageService('api', 'dev');
    const methods = Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === 'AWS::ApiGateway::Method')
      .map(([name, resource]) => ({ name, ...(resource.Properties as unknown as Method & Record<string, unknown>) }));
    const writing = methods.filter(({ HttpMethod }) => /^(POST|PUT|DELETE)$/.test(HttpMethod));
    expect(writing.map(({ name }) => name).sort()).toEqual([
      'ApiGatewayMethodFetchDashdataPost',
      'ApiGatewayMethodV1AdminDatasetsIdVarVersionsNVarRejectPost',
      'ApiGatewayMethodV1AdminDatasetsIdVarVersionsNVarReleasePost',
      'ApiGatewayMethodV1AdminDatasetsIdVarVersionsNVarRestorePost',
      'ApiGatewayMethodV1AdminDeadDashlettersRedrivePost',
      'ApiGatewayMethodV1AdminRebuildPost',
      'ApiGatewayMethodV1AdminReplayPost',
      'ApiGatewayMethodV1AdminResourcesIdVarCheckPost',
      'ApiGatewayMethodV1AdminResourcesIdVarPut',
      'ApiGatewayMethodV1AdminSourcesIdVarCollectPost',
      'ApiGatewayMethodV1AdminSourcesIdVarDelete',
      'ApiGatewayMethodV1AdminSourcesIdVarPausePost',
      'ApiGatewayMethodV1AdminSourcesIdVarPut',
      'ApiGatewayMethodV1AdminSourcesIdVarResumePost',
      'ApiGatewayMethodV1AdminSourcesPreviewPost',
      'ApiGatewayMethodV1QueryIdVarDelete',
      'ApiGatewayMethodV1QueryPost',
    ]);
    for (const post of writing) {
      expect(post).toMatchObject({
        AuthorizationType: 'COGNITO_USER_POOLS',
        AuthorizerId: { Ref: 'CognitoAuthorizer' },
      });
      const beside = methods.filter(({ ResourceId }) => JSON.stringify(ResourceId) === JSON.stringify(post.ResourceId));
      const others = beside.map(({ HttpMethod }) => HttpMethod).sort();
      if (post.HttpMethod === 'POST') expect(others).toEqual(['ANY', 'OPTIONS', 'POST']);
      else if (!others.includes('DELETE')) expect(others).toEqual(['ANY', 'OPTIONS', 'PUT']);
      else expect(others.filter((method) => method !== 'PUT')).toEqual(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS']);
    }
  }, 540_000);

  it('is regional and passes every media type as bytes', async () => {
    const { template } = await packageService('api', 'dev');
    const api = Object.values(template.Resources).find((resource) => resource.Type === 'AWS::ApiGateway::RestApi');
    expect(api?.Properties).toMatchObject({
      BinaryMediaTypes: ['*/*'],
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  }, 540_000);

  it('lets nothing pass without an authorizer but /health and what describes the API', async () => {
    const { template } = await packageService('api', 'dev');
    const open = Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === 'AWS::ApiGateway::Method')
      .filter(
        ([, resource]) =>
          // ANY: what no endpoint takes, which is told so.
          resource.Properties?.AuthorizationType === 'NONE' &&
          !['ANY', 'OPTIONS'].includes(resource.Properties?.HttpMethod as string),
      )
      .map(([name]) => name);
    const described = [
      'Docs',
      'DocsFileVar',
      'Openapijson',
      'Postmanjson',
      'Catalogjsonld',
      'Sitemapxml',
      'WellDashknownApiDashcatalog',
    ];
    expect(open.sort()).toEqual(
      ['Health', ...described]
        .flatMap((route) => [`ApiGatewayMethod${route}Get`, `ApiGatewayMethod${route}Head`])
        .sort(),
    );
  }, 540_000);
});

describe('what is personal', () => {
  const mayDo = async (action: string) =>
    (await rolesOfFunctions())
      .filter(({ statements }) => statements.some(({ Action }) => [Action].flat().includes(action)))
      .map(({ name }) => name)
      .sort();

  it('is never read by a Scan: no function may', async () => {
    const actions = (await rolesOfFunctions()).flatMap(({ name, statements }) =>
      statements.flatMap(({ Action }) => [Action].flat()).map((action) => `${name}: ${action}`),
    );
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => /: (\*|dynamodb:(\*|.*scan.*))$/i.test(action))).toEqual([]);
  }, 540_000);

  it('is decrypted by the area of users and the worker that fetches them, and encrypted by the worker alone', async () => {
    expect(await mayDo('kms:Decrypt')).toEqual(['FetchDashusers', 'Users']);
    expect(await mayDo('kms:GenerateDataKey')).toEqual(['FetchDashusers']);
    expect(await mayDo('kms:*')).toEqual([]);
  }, 540_000);

  it('is read as it was fetched by the worker that fetches it alone', async () => {
    const roles = await rolesOfFunctions();
    for (const action of ['s3:GetObject', 's3:PutObject']) {
      const able = roles.filter(({ statements }) => {
        const said = statements.filter((statement) => speaksOf(statement, action, '/raw/users/users-1/1.json.gz'));
        return said.some(({ Effect }) => Effect === 'Allow') && !said.some(({ Effect }) => Effect === 'Deny');
      });
      expect(able.map(({ name }) => name)).toEqual(['FetchDashusers']);
    }
    const others = roles.filter(({ statements }) =>
      statements.some(
        (statement) =>
          statement.Effect === 'Allow' && speaksOf(statement, 's3:GetObject', '/raw/embrapa_producao/1.gz'),
      ),
    );
    expect(others.map(({ name }) => name).sort()).toEqual(['Collect', 'Data', 'History']);
  }, 540_000);
});

describe('the packaged storage', () => {
  it('keeps everything that holds state when a stack is deleted', async () => {
    const { template } = await packageService('storage', 'prod');
    const stateful = Object.entries(template.Resources).filter(
      ([name, resource]) =>
        /^AWS::(DynamoDB::Table|Cognito::UserPool$|S3::Bucket$)/.test(resource.Type) &&
        !name.startsWith('ServerlessDeployment'),
    );
    expect(stateful.length).toBeGreaterThanOrEqual(4);
    for (const [name, resource] of stateful)
      expect({ name, policy: resource.DeletionPolicy }).toEqual({ name, policy: 'Retain' });
  }, 540_000);
});
