import type { Run } from '@granary/domain/run';
import { type RunningReplica, startReplica } from '@granary/replica/replica';
import { sourceById } from '@granary/sources/registry';
import { embrapa } from '@granary/sources/testing/shipped';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

jest.setTimeout(180_000);

const portal = { ...sourceById('data_gov_ma')!, requests_per_minute: 60_000 };
/** What only the source has that a stack is made with otherwise. */
const none = Object.fromEntries(Object.keys(embrapa).map((name) => [name, undefined]));
let replica: RunningReplica;
let stack: Stack;

beforeAll(async () => {
  replica = await startReplica();
  stack = await startStack(replica.bases.portal, { ...none, ...portal });
});
afterAll(async () => {
  await stack.stop();
  await replica.close();
});

const tell = async (portal: object): Promise<void> => {
  const options = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ portal }) };
  expect((await fetch(`${replica.url}/__replica`, options)).status).toBe(200);
};
/** How often the replica was asked for each address, and what it answered. */
const asked = async (): Promise<{ counts: Record<string, number>; statuses: Record<string, number> }> => {
  const { requests } = (await (await fetch(`${replica.url}/__replica`)).json()) as { requests: never };
  return requests;
};
const expectSums = ({ resources }: Run): void => {
  const { listed, published, unchanged, refused, excluded, gone } = resources!;
  expect(published + unchanged + refused + excluded + gone).toBe(listed);
};
/** What its pages list, all of them. */
const listed = async (): Promise<object[]> => {
  const options = { base_url: replica.bases.portal };
  const { first, read, instead } = portal.listing!;
  const all: object[] = [];
  const keys = new Set<string>();
  const pages = [...first(options)];
  for (let page = pages.shift(); page; page = pages.shift()) {
    if (page.key !== undefined && keys.has(page.key)) continue;
    if (page.key !== undefined) keys.add(page.key);
    const answer = await fetch(page.url);
    if (!answer.ok) {
      pages.push(...instead!(page, options));
      continue;
    }
    const { resources, left_out = [], next } = await read(page, await answer.bytes(), options);
    all.push(...resources, ...left_out);
    pages.push(...next);
  }
  // Pages say the day of a change in words, and name no licence that has no address.
  const said = (name: string, value: { path?: string }) => {
    if (name === 'modified' || (name === 'licence' && !value.path)) return undefined;
    return name === 'description' ? String(value).replace(/\s+/g, ' ') : value;
  };
  const texts = all.map((one) => JSON.stringify(one, said));
  return texts.sort().map((text) => JSON.parse(text));
};

it('A portal is collected as it is deployed: every resource has datasets or a reason, again only what changed', async () => {
  const run = await stack.collect({ workers: 8, timeout_ms: 120_000 });
  expectSums(run);
  expect(run).toMatchObject({ state: 'partial', resources: { listed: 123, published: 98, refused: 16, excluded: 9 } });
  const { records } = await stack.deps.resources.listRecords(portal.id, { limit: 1000 });
  expect(records).toHaveLength(123);
  for (const { id, state, reason, datasets } of records)
    expect([id, state, datasets.length > 0 || reason !== null]).toEqual([id, state, true]);
  const { counts: addresses } = await asked();
  for (const [path, times] of Object.entries(addresses))
    if (path.includes('/download/')) expect([path, times]).toEqual([path, 1]);
  expect(Object.keys(addresses).filter((path) => path.includes('/reserve/'))).toEqual([]);

  const before = await asked();
  const again = await stack.collect({ workers: 8, timeout_ms: 120_000 });
  expectSums(again);
  expect(again).toMatchObject({ versions: [], resources: { listed: 123, published: 0, gone: 0 } });
  const after = await asked();
  const sent = (after.statuses['200'] ?? 0) - (before.statuses['200'] ?? 0);
  expect(after.statuses['304']! - (before.statuses['304'] ?? 0)).toBeGreaterThan(80);
  expect(sent).toBeLessThan(15);
});

it('Its pages list what its API lists', async () => {
  const byApi = await listed();
  expect(byApi).toHaveLength(123);
  await tell({ api: null });
  expect(await listed()).toEqual(byApi);
});
