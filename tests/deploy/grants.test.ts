import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Cloud } from './cloud.ts';
import { type Grant, nameOf, needs, readDecisions } from './grants.ts';
import { readProvenElsewhere } from './proven-elsewhere.ts';
import { sampleOf } from './sample.ts';
import { roundsOf } from './trials.ts';

const grant = (role: string, action: string, Resource: string, Condition?: object): Grant => ({
  ...{ role, policy: 'own', statement: 0, action },
  document: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: [action], Resource, ...(Condition && { Condition }) }],
  },
});
const ROLE = 'granary-api-dev-history-us-east-1-lambdaRole';
const BUCKET = 'arn:aws:s3:::granary-1-us-east-1-dev-data';

it('A grant is needed by what was allowed by its statement and no other', () => {
  const listing = { StringLike: { 's3:prefix': ['exports/*'] } };
  const one = grant(ROLE, 's3:ListBucket', BUCKET, listing);
  const decision = {
    ...{ by: `assumed-role/${ROLE}/granary-api-dev-history`, action: 's3:ListBucket', resource: BUCKET },
    decision: 'Allow' as const,
    needs: { action: 's3:ListBucket', resources: [BUCKET], conditions: listing },
  };
  expect(needs(decision, one)).toBe(true);
  expect(needs({ ...decision, needs: { ...decision.needs, conditions: {} } }, one)).toBe(false);
  expect(needs({ ...decision, by: decision.by.replaceAll('history', 'plots') }, one)).toBe(false);
  expect(needs({ ...decision, needs: undefined }, one)).toBe(false);
  expect(nameOf(one)).toBe(
    `${ROLE}: s3:ListBucket on s3:::granary-1-us-east-1-dev-data where {"s3:prefix":["exports/*"]}`,
  );
});

it('What is proven elsewhere is named by function, action and place, with a reason', () => {
  const lines = readProvenElsewhere();
  const spoken = (one: Grant) => lines.some(({ speaksOf }) => speaksOf(one));
  expect(spoken(grant(ROLE, 's3:AbortMultipartUpload', `${BUCKET}/exports/diffs/*`))).toBe(true);
  expect(spoken(grant(ROLE, 's3:PutObject', `${BUCKET}/exports/diffs/*`))).toBe(false);
  expect(spoken(grant(ROLE.replace('history', 'plots'), 's3:AbortMultipartUpload', `${BUCKET}/exports/*`))).toBe(false);
});

it('A sample is as large as it is to be, the same for the same seed, and another for another', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  expect(new Set(sampleOf(items, 10, 'a')).size).toBe(10);
  expect(sampleOf(items, 10, 'a')).toEqual(sampleOf(items, 10, 'a'));
  expect(sampleOf(items, 10, 'a')).not.toEqual(sampleOf(items, 10, 'b'));
  expect(sampleOf(items, 1000, 'a').sort((a, b) => a - b)).toEqual(items);
});

it('Grants are tried in rounds: one of each function, and each grant once', () => {
  const [one, other] = [ROLE, ROLE.replace('history', 'plots')];
  const grants = [grant(one, 'a', BUCKET), grant(one, 'b', BUCKET), grant(other, 'c', BUCKET)];
  const actions = roundsOf(grants).map((round) => round.map(({ action }) => action));
  expect(actions).toEqual([['a', 'c'], ['b']]);
  expect(roundsOf([])).toEqual([]);
});

it('Decisions are read line by line, while another is being written and when one was at the time that is asked from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-decisions-'));
  const decisions = join(folder, 'decisions.jsonl');
  const cloud = { ministack: { decisions } } as unknown as Cloud;
  const line = (action: string) => JSON.stringify({ action });
  const read = (since?: number) => readDecisions(cloud, since).map(({ action }) => action);
  writeFileSync(decisions, `${line('a')}\n${line('b')}\n{"act`);
  expect(read()).toEqual(['a', 'b']);
  const first = line('a').length + 1;
  expect(read(first)).toEqual(['b']);
  expect(read(first - 3)).toEqual(['b']);
  expect(read(first + 3)).toEqual([]);
  rmSync(folder, { recursive: true });
});
