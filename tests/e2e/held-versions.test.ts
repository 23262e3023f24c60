import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download, endedRun, expectBalanced, planNow, type RunAnswer, setReplica } from './collecting.ts';
import { ATHENA, itOn, needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

const PRODUCTION = 'embrapa_producao';
const JUICE = 'embrapa_exp_suco';

type Person = 'reader' | 'analyst' | 'operator';

describe('W3: a source that publishes other files under known names', () => {
  const state = newState();
  let stack: Stack;
  let last: RunAnswer;
  beforeAll(async () => {
    stack = await startStack({ state, collected: true });
    last = await endedRun(stack);
  }, 540_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  const collect = async (change: object): Promise<RunAnswer> => {
    await setReplica(stack, change);
    await planNow(stack);
    last = await endedRun(stack, last);
    return last;
  };
  const as = async (person: Person, path: string, method = 'GET') => {
    const answer = await fetch(stack.url(path), {
      method,
      headers: { authorization: `Bearer ${await stack.token(person)}` },
      redirect: 'manual',
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  };
  const decide = (
    dataset: string,
    version: number,
    verb: 'release' | 'reject' | 'restore',
    person: Person = 'operator',
  ) => as(person, `/v1/admin/datasets/${dataset}/versions/${version}/${verb}`, 'POST');
  const latestOf = async (dataset: string): Promise<number> => (await stack.json(`/v1/datasets/${dataset}`)).latest;
  const rowsOf = async (dataset: string, query = '') =>
    (await as('operator', `/v1/records/${dataset}?select=line.count()${query}`)).body[0].count;

  it('has them held: the run is partial and says why, readers keep what they had', async () => {
    const before = { copy: await download(stack, PRODUCTION, 'format=csv'), rows: await rowsOf(PRODUCTION) };
    const run = await collect({
      faults: [
        { path: '/download/Producao.csv', kind: 'other-file', other: 'Comercio' },
        { path: '/download/ExpSuco.csv', kind: 'half' },
      ],
    });
    expectBalanced(run);
    expect(run).toMatchObject({ state: 'partial', versions: [], counts: { errors: 2, unchanged: 13 } });
    expect(run.errors.map(({ dataset }) => dataset).sort()).toEqual([JUICE, PRODUCTION]);
    expect(run.errors.find(({ dataset }) => dataset === PRODUCTION)!.message).toMatch(
      /^Version 2 of 'embrapa_producao' is held and not published\. Of the \d+ names of version 1, \d+ % are in it/,
    );
    expect(run.errors.find(({ dataset }) => dataset === JUICE)!.message).toMatch(
      /rows, and version 1 has [\d,]+; at least 70 %/,
    );
    expect(await latestOf(PRODUCTION)).toBe(1);
    expect(await download(stack, PRODUCTION, 'format=csv')).toEqual(before.copy);
    expect(await rowsOf(PRODUCTION)).toBe(before.rows);
  });

  const local = needsLocal('it asks the CloudWatch and the page of this machine');
  local.it(
    'turns its alarm red, which the page says too; what was counted adds up',
    async () => {
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const cloudwatch = new CloudWatchClient({ endpoint: stack.local.awsEndpoint, region: 'us-east-1', credentials });
      const AlarmNames = ['granary-local-version-held'];
      const alarm = async () => (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms![0]!;
      while ((await alarm()).StateValue !== 'ALARM') await sleep(200);
      expect((await alarm()).AlarmDescription).toContain('docs/runbook.md#version-held');
      const page = await (await fetch(`http://127.0.0.1:${stack.port}/`)).text();
      expect(page).toContain('<td>granary-local-version-held</td><td>alarm</td>');
      const counted = async (MetricName: string) => {
        const times = { StartTime: new Date(Date.now() - 3 * 3_600_000), EndTime: new Date(Date.now() + 60_000) };
        const Dimensions = Object.entries({ service: 'ingestion', stage: 'local', function: 'collect' });
        const { Datapoints } = await cloudwatch.send(
          new GetMetricStatisticsCommand({
            ...{ Namespace: 'Granary', MetricName, ...times, Period: 86_400, Statistics: ['Sum'] },
            Dimensions: Dimensions.map(([Name, Value]) => ({ Name, Value })),
          }),
        );
        return Datapoints!.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
      };
      // Output is read every two seconds.
      while ((await counted('VersionsHeld')) < 2) await sleep(200);
      expect(await counted('VersionsHeld')).toBe(2);
      const rows = await Promise.all(['RowsPublished', 'RowsQuarantined', 'RowsDeduplicated'].map(counted));
      expect(rows.reduce((sum, one) => sum + one)).toBe(await counted('RowsRead'));
      expect(rows[0]).toBeGreaterThan(0);
    },
    60_000,
  );

  it('is seen by operators by its number, and by nobody else', async () => {
    const paths = [
      `/v1/datasets/${PRODUCTION}/versions/2`,
      `/v1/datasets/${PRODUCTION}/download?version=2`,
      `/v1/records/${PRODUCTION}?version=2&limit=1`,
    ];
    for (const path of paths) {
      expect((await as('operator', path)).status).toBeLessThan(400);
      expect((await as('reader', path)).status).toBe(404);
      expect((await as('analyst', path)).status).toBe(404);
    }
    const { body } = await as('operator', paths[0]!);
    expect(body).toMatchObject({ state: 'held', published_at: null, held: { compared_with: 1 } });
    expect(await rowsOf(PRODUCTION, '&version=2')).not.toBe(await rowsOf(PRODUCTION));
    expect((await as('operator', `/v1/datasets/${PRODUCTION}/versions?state=held`)).body.items).toHaveLength(1);
  });

  it('makes no second version of the same files', async () => {
    const run = await collect({});
    expect(run).toMatchObject({ state: 'succeeded', versions: [], counts: { errors: 0, unchanged: 15 } });
    expect((await as('operator', `/v1/datasets/${PRODUCTION}/versions/3`)).status).toBe(404);
  });

  it('is released by an operator, not by others: the latest, its copy and its table in SQL', async () => {
    expect((await decide(PRODUCTION, 2, 'release', 'reader')).status).toBe(403);
    expect((await decide(PRODUCTION, 2, 'release', 'analyst')).status).toBe(403);
    const released = await decide(PRODUCTION, 2, 'release');
    expect(released).toMatchObject({ status: 200, body: { state: 'published', released: { by: expect.any(String) } } });
    expect(await latestOf(PRODUCTION)).toBe(2);
    expect((await decide(PRODUCTION, 2, 'release')).body).toEqual(released.body);
    const rows = await rowsOf(PRODUCTION);
    expect(rows).toBe(await rowsOf(PRODUCTION, '&version=2'));
    const answer = await fetch(stack.url('/v1/query'), {
      method: 'POST',
      headers: { authorization: `Bearer ${await stack.token('analyst')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sql: 'SELECT count(*) AS n FROM embrapa_producao' }),
    });
    expect(((await answer.json()) as { items: { n: number }[] }).items).toEqual([{ n: rows }]);
  }, 180_000);

  it('is rejected by an operator: the same file is not published, the right one is', async () => {
    expect(await decide(JUICE, 2, 'reject')).toMatchObject({ status: 200, body: { state: 'rejected' } });
    expect((await decide(JUICE, 2, 'release')).status).toBe(409);
    expect(await collect({})).toMatchObject({ state: 'succeeded', versions: [], counts: { unchanged: 15 } });
    expect(await latestOf(JUICE)).toBe(1);
    const run = await collect({ faults: [], vintage: 2024 });
    expect(run.versions).toContain(`${JUICE}@3`);
    expect(await latestOf(JUICE)).toBe(3);
    // What an operator let through is what the next version is compared with.
    expect(run.errors.map(({ dataset }) => dataset)).toEqual([PRODUCTION]);
  });

  it('is rolled back by an operator, who let a wrong one through: version 1 answers under the next number', async () => {
    const figures = `/v1/records/${PRODUCTION}?select=product,year,quantity&year=gte.2010&order=line,year`;
    const first = (await as('reader', `${figures}&version=1`)).body;
    expect((await as('reader', figures)).body).not.toEqual(first);
    for (const person of ['reader', 'analyst'] as const)
      expect((await decide(PRODUCTION, 1, 'restore', person)).status).toBe(403);
    const restored = await decide(PRODUCTION, 1, 'restore');
    // Number 3 is held.
    const restores = { version: 1, by: expect.any(String), at: expect.any(String) };
    expect(restored).toMatchObject({ status: 200, body: { version: 4, state: 'published', restores } });
    expect((await decide(PRODUCTION, 1, 'restore')).body).toEqual(restored.body);
    expect(await latestOf(PRODUCTION)).toBe(4);
    expect((await as('reader', figures)).body).toEqual(first);
    expect(await download(stack, PRODUCTION, 'format=csv')).toEqual(
      await download(stack, PRODUCTION, 'format=csv&version=1'),
    );
  }, 180_000);

  itOn(
    ATHENA,
    'is rolled back in SQL too',
    async () => {
      const answer = await fetch(stack.url('/v1/query'), {
        method: 'POST',
        headers: { authorization: `Bearer ${await stack.token('analyst')}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          sql: `SELECT (SELECT sum(quantity) FROM ${PRODUCTION}) AS latest,
          (SELECT sum(quantity) FROM ${PRODUCTION}_versions WHERE version = 1) AS first,
          (SELECT sum(quantity) FROM ${PRODUCTION}_versions WHERE version = 2) AS wrong`,
        }),
      });
      const [sums] = ((await answer.json()) as { items: { latest: number; first: number; wrong: number }[] }).items;
      expect(sums!.latest).toBe(sums!.first);
      expect(sums!.latest).not.toBe(sums!.wrong);
    },
    180_000,
  );

  it('does not come back: the same file is unchanged, as is the one of version 1; the next vintage is published', async () => {
    const of = (run: RunAnswer) => [...run.versions, ...run.errors.map(({ dataset }) => dataset)].join(' ');
    const fault = { path: '/download/Producao.csv', kind: 'other-file', other: 'Comercio' };
    expect(of(await collect({ faults: [fault], vintage: 2023 }))).not.toContain(PRODUCTION);
    expect(await collect({ faults: [] })).toMatchObject({
      state: 'succeeded',
      versions: [],
      counts: { unchanged: 15 },
    });
    expect(await latestOf(PRODUCTION)).toBe(4);
    const run = await collect({ vintage: 2024 });
    expect(run).toMatchObject({ state: 'succeeded', errors: [] });
    expect(run.versions).toContain(`${PRODUCTION}@5`);
  });
});
