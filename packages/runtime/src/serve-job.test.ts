import { InvalidRequest } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { defineJob } from './job.ts';
import { serveJob } from './serve-job.ts';

const lines: string[] = [];
const context = { awsRequestId: 'invocation' } as Context;
let built = 0;
let ended = 0;
const job = defineJob({
  id: 'plan',
  schedule: 'rate(5 minutes)',
  timeout_s: 60,
  memory_mb: 512,
  grants: [],
  input: z.strictObject({ force: z.boolean().default(false), fail: z.boolean().optional() }),
  run:
    () =>
    async ({ force, fail }) => {
      if (fail) throw new Error('planned to fail');
      return { force };
    },
  atEnd: () => async () => {
    ended += 1;
    if (ended > 1) throw new Error('ended too often');
  },
});
const handler = serveJob(job, {
  settings: () => ({ service: 'ingestion', stage: 'test', write: (line) => void lines.push(line) }),
  deps: () => ({ number: ++built }),
});

describe('a job', () => {
  it('runs on a schedule without input, and with the input of an operator', async () => {
    expect(await handler({ 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} }, context)).toEqual({
      force: false,
    });
    expect(await handler({ force: true }, context)).toEqual({ force: true });
    expect(await handler(undefined, context)).toEqual({ force: false });
    expect(built).toBe(1);
  });

  it('refuses an input that does not fit, naming the field', async () => {
    await expect(handler({ force: 'yes' }, context)).rejects.toThrow(InvalidRequest);
    await expect(handler({ force: 'yes' }, context)).rejects.toThrow(/force/);
  });

  it('fails its invocation when it throws, and counts it', async () => {
    lines.length = 0;
    await expect(handler({ fail: true }, context)).rejects.toThrow('planned to fail');
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({ InvocationsFailed: 1, function: 'plan' });
  });

  it('is ended after every run, and never fails or mends it by that', async () => {
    ended = 0;
    await expect(handler({ fail: true }, context)).rejects.toThrow('planned to fail');
    expect(ended).toBe(1);
    lines.length = 0;
    expect(await handler({}, context)).toEqual({ force: false });
    expect(ended).toBe(2);
    expect(lines.join('')).toContain('ended too often');
  });
});
