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
    handle: () => async () => {},
  }),
};
const job = {
  file: 'plan.ts',
  definition: defineJob({ ...shape, id: 'plan', schedule: 'rate(5 minutes)', run: () => async () => {} }),
};
const yaml = (endpoints: FoundEndpoint[], functions: unknown[] = []) =>
  parse(functionsYaml({ folder: '', endpoints, functions: functions as FoundFunction[] }));

describe('the generated functions', () => {
  it('are one for an area, with a HEAD for each GET and an OPTIONS for each path, all GETs behind the one authorizer', () => {
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
      ['options', 'v1/b', false],
    ]);
    expect(catalog.handler).toBe('src/areas/catalog.handler');
  });

  it('may do what the grants of their endpoints say, each statement once', () => {
    const { catalog } = yaml([found('a'), found('b'), found('c', { grants: ['runs:read'] })]);
    const actions = catalog.iamRoleStatements.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(actions).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
    ]);
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

  it('refuse a schema that only zod could run', () => {
    expect(() => validators(z.object({ when: z.date() }))).toThrow();
    expect(() => validators(z.object({ limit: z.string().transform(Number) }))).toThrow();
  });
});
