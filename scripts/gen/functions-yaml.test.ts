import { defineEndpoint } from '@granary/runtime/endpoint';
import { defineJob } from '@granary/runtime/job';
import { defineWorker } from '@granary/runtime/worker';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FoundEndpoint, FoundFunction } from './definitions.ts';
import { functionsYaml } from './functions-yaml.ts';
import { validatorsOf } from './validators.ts';

const found = (name: string, more: object = {}): FoundEndpoint => ({
  file: `${name}.ts`,
  area: 'catalog',
  name,
  endpoint: defineEndpoint({
    method: 'GET',
    path: `/v1/${name}`,
    auth: 'cognito',
    grants: ['catalog:read'],
    summary: name,
    run: () => () => ({}),
    ...more,
  }),
});
const shape = { timeout_s: 60, memory_mb: 512, grants: [] };
const worker = {
  file: 'collect.ts',
  definition: defineWorker({
    ...shape,
    id: 'collect',
    queue: 'collect',
    batchSize: 2,
    maximumConcurrency: 5,
    tmp_mb: 1024,
    message: z.unknown(),
    handle: () => async () => ({ decision: 'done' }),
  }),
};
const job = {
  file: 'plan.ts',
  definition: defineJob({ ...shape, id: 'plan', schedule: 'rate(5 minutes)', run: () => async () => {} }),
};
const yaml = (endpoints: FoundEndpoint[], functions: unknown[] = []) =>
  parse(functionsYaml({ folder: '', endpoints, functions: functions as FoundFunction[] }));

describe('the generated functions', () => {
  it('are one for an area, with a HEAD for each GET, an OPTIONS for each path and an ANY for all other methods, all GETs behind the one authorizer', () => {
    const { catalog } = yaml([found('a'), found('b', { auth: 'public' })]);
    const events = catalog.events.map(({ http }: { http: { method: string; path: string; authorizer?: object } }) => [
      http.method,
      http.path,
      http.authorizer !== undefined,
    ]);
    expect(events).toEqual([
      ['get', 'v1/a', true],
      ['head', 'v1/a', true],
      ['get', 'v1/b', false],
      ['head', 'v1/b', false],
      ['options', 'v1/a', false],
      ['any', 'v1/a', false],
      ['options', 'v1/b', false],
      ['any', 'v1/b', false],
    ]);
    expect(catalog.handler).toBe('src/areas/catalog.handler');
  });

  it('leave what a POST brings to the function, which can say what of it does not fit', () => {
    const body = () => ({ body: z.object({ name: z.string() }) });
    const { catalog } = yaml([found('a', { method: 'POST', request: body })]);
    expect(catalog.events.map(({ http }: { http: object }) => http)).toEqual([
      { method: 'post', path: 'v1/a', authorizer: expect.anything() },
      { method: 'options', path: 'v1/a' },
      { method: 'any', path: 'v1/a' },
    ]);
  });

  it('may do what the grants of their endpoints say, each statement once', () => {
    type Statement = { Action: string[]; Condition?: Record<string, object> };
    const statementsOf = (grants: string[][]): Statement[] =>
      yaml(grants.map((own, index) => found(`a${index}`, { grants: own }))).catalog.iamRoleStatements;
    const once = statementsOf([['catalog:read'], ['runs:read']]);
    expect(statementsOf([['catalog:read'], ['catalog:read'], ['runs:read'], ['runs:read']])).toEqual(once);
    // Items of datasets and lists of them, of runs and lists of those, never of no key (Null: false), and traces.
    expect(
      once.map(({ Action, Condition }) => [...Action, ...Object.values(Condition ?? {}).flatMap(Object.values)]),
    ).toEqual([
      ['dynamodb:GetItem', ['DATASET#*'], 'false'],
      ['dynamodb:GetItem', ['RUN#*'], 'false'],
      ['dynamodb:Query', ['RUNS#*'], 'false'],
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    ]);
  });

  it('say nothing twice: what one grant allows everywhere is not allowed again in a part', () => {
    type Statement = { Action: string[]; Resource: object[] };
    const statementsOf = (grants: string[]): Statement[] => yaml([found('a', { grants })]).catalog.iamRoleStatements;
    const reading = (grants: string[]) =>
      statementsOf(grants)
        .filter(({ Action }) => Action.includes('s3:GetObject'))
        .flatMap(({ Resource }) => Resource.map((one) => /-data(.*)"\}/.exec(JSON.stringify(one))?.[1]));
    expect(reading(['data:read'])).toEqual(['/versions/*/data.parquet']);
    // A Deny is no permission, and a list below a prefix stays.
    expect(reading(['data:read', 'data:presign'])).toEqual(['/versions/*', '/raw/*', '/raw/users/*']);
    expect(JSON.stringify(statementsOf(['data:read', 'data:presign']))).toContain('s3:ListBucket');
    const sending = statementsOf(['dead-letters:redrive', 'fetch-users:send']);
    expect(sending.filter(({ Action }) => Action.includes('sqs:SendMessage'))).toHaveLength(1);
  });

  it('refuse a grant that nobody defined', () => {
    expect(() => yaml([found('a', { grants: ['everything'] })])).toThrow("There is no grant 'everything'");
  });

  it('are one for each worker, which reports failures by record, and job', () => {
    const { collect, plan } = yaml([], [worker, job]);
    expect(collect).toMatchObject({
      handler: 'src/functions/collect.handler',
      timeout: 60,
      ephemeralStorageSize: 1024,
    });
    expect(collect.events).toEqual([
      {
        sqs: {
          arn: { 'Fn::GetAtt': ['CollectQueue', 'Arn'] },
          batchSize: 2,
          functionResponseType: 'ReportBatchItemFailures',
          maximumConcurrency: 5,
        },
      },
    ]);
    expect(plan.events).toEqual([{ schedule: { rate: ['rate(5 minutes)'] } }]);
  });

  it('come out the same every time', () => {
    const text = () => functionsYaml({ folder: '', endpoints: [found('a'), found('b')], functions: [] });
    expect(text()).toBe(text());
  });
});

describe('the generated validators', () => {
  const validators = (query: z.ZodType) => validatorsOf([found('a', { request: () => ({ query }) })]);

  it('need nothing at run time', () => {
    const code = validators(
      z.object({ limit: z.int().min(1).default(5), format: z.enum(['csv', 'parquet']).optional() }),
    );
    expect(code).toMatch(/^export const validateA = /m);
    expect(code).not.toContain('require(');
  });

  it('take a number in quotes for one in a query, not in a body, where what is missing has its default', async () => {
    const request = () => ({
      query: z.object({ page: z.int().default(1) }),
      body: z
        .strictObject({ size: z.int().min(1).default(100), ids: z.array(z.string()).optional() })
        .default({ size: 100 }),
    });
    const code = validatorsOf([found('a', { method: 'POST', request }), found('b')]);
    const { validateA, validateB } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const event = (body: unknown, queryStringParameters: object = {}) => ({
      pathParameters: {},
      queryStringParameters,
      body,
    });
    const places = (sent: object) => {
      expect(validateA(sent)).toBe(false);
      return validateA.errors.map(({ instancePath }: { instancePath: string }) => instancePath);
    };
    const empty = event(undefined, { page: '7' });
    expect(validateA(empty)).toBe(true);
    expect(empty).toMatchObject({ body: { size: 100 }, queryStringParameters: { page: 7 } });
    const given = event({ ids: ['x'] });
    expect(validateA(given)).toBe(true);
    expect(given.body).toEqual({ size: 100, ids: ['x'] });
    for (const size of ['5', true, null, [5], 0, 1.5])
      expect({ size, at: places(event({ size })) }).toEqual({ size, at: ['/body/size'] });
    for (const body of [null, [], 'text', 5])
      expect({ body, at: places(event(body)) }).toEqual({ body, at: ['/body'] });
    expect(places(event({ size: '5', ids: [5] }, { page: 'x' })).sort()).toEqual([
      '/body/ids/0',
      '/body/size',
      '/queryStringParameters/page',
    ]);
    expect(validateB(event(undefined))).toBe(true);
  });

  it('refuse a parameter that the schema does not name, unless it says what others may be', async () => {
    const named = z.object({ limit: z.int().default(5) });
    const others = z.union([z.string(), z.array(z.string())]);
    const code = validatorsOf([
      found('a', { request: () => ({ query: named }) }),
      found('b', { request: () => ({ query: named.catchall(others) }) }),
    ]);
    const { validateA, validateB } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const event = () => ({ pathParameters: {}, queryStringParameters: { year: ['gte.1', 'lt.9'], name: '5' } });
    expect(validateA(event())).toBe(false);
    const sent = event();
    expect(validateB(sent)).toBe(true);
    // As they came: nothing of them is taken for a number.
    expect(sent.queryStringParameters).toEqual({ year: ['gte.1', 'lt.9'], name: '5', limit: 5 });
  });

  it('refuse a schema that only zod could run', () => {
    expect(() => validators(z.object({ when: z.date() }))).toThrow();
    expect(() => validators(z.object({ limit: z.string().transform(Number) }))).toThrow();
  });
});
