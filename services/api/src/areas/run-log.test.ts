import { runLogKey } from '@granary/domain/rules/keys';
import { begunRun } from '@granary/domain/run';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { makeKeptBodies } from '../wide-tables/kept-bodies.ts';
import { routes } from './data.ts';

const RUN = 'users-20260301t100000-abc123';
const START = Date.parse('2026-03-01T10:00:00.000Z');
const line = (s: number, message: string, level = 'INFO') =>
  JSON.stringify({ time: new Date(START + s * 1000).toISOString(), level, run: RUN, message, page: s });

const objects = makeMemoryObjectStore();
const runs = makeMemoryRunStore();
const call = callArea(
  { catalog: makeMemoryCatalog(), runs, objects, bodies: makeKeptBodies({ max_bytes: 1000 }), now: Date.now },
  routes,
);
const write = (at_s: number, name: string, ...lines: string[]) =>
  objects.put(runLogKey(RUN, START + at_s * 1000, name), Buffer.from(lines.map((one) => `${one}\n`).join('')));

for (const id of [RUN, 'users-20260301t100000-none00'])
  await runs.start(
    begunRun({
      id,
      kind: 'users',
      source: id,
      started_at: new Date(START).toISOString(),
      parts: 1,
      lease_until: new Date(START + 9e5).toISOString(),
    }),
  );
await write(
  10,
  'one',
  line(1, 'a'),
  '{"time":"2026-03-01T',
  '',
  'null',
  '[1]',
  '{"time":1,"level":"INFO","message":"x"}',
);
await write(11, 'two', line(0, 'first'), line(9, 'c', 'ERROR'));
await write(11, 'zwei', line(5, 'b'));
await write(12, 'three', line(12, 'd'));
await objects.put(`logs/2026-03-01/${RUN}x/20260301t100000000z-other.ndjson`, Buffer.from(line(0, 'of another run')));

type Page = { items: { message: string; page: number }[]; next: string | null };
const log = async (query = ''): Promise<Page> => (await call(`/v1/runs/${RUN}/log${query}`)).json();
const messages = ({ items }: Page) => items.map(({ message }) => message);

describe('GET /v1/runs/{id}/log', () => {
  it('gives the lines of all objects of the run in the order of time, without those that cannot be read', async () => {
    const page = await log();
    expect(messages(page)).toEqual(['first', 'a', 'b', 'c', 'd']);
    expect(page.items[0]).toEqual({
      time: '2026-03-01T10:00:00.000Z',
      level: 'INFO',
      run: RUN,
      message: 'first',
      page: 0,
    });
    expect(page.next).toBeNull();
  });

  it('goes on object by object, also where two were written at the same moment', async () => {
    const seen: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await log(`?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(messages(page));
      cursor = page.next;
    }
    expect(seen).toEqual([['a'], ['first', 'c'], ['b'], ['d']]);
  });

  it('gives one level alone; a page may then be empty and still have a next one', async () => {
    expect(messages(await log('?level=ERROR'))).toEqual(['c']);
    expect(messages(await log('?level=INFO'))).toEqual(['first', 'a', 'b', 'd']);
    const first = await log('?level=ERROR&limit=1');
    expect(first).toEqual({ items: [], next: expect.any(String) });
    expect(messages(await log(`?level=ERROR&limit=1&cursor=${first.next}`))).toEqual(['c']);
  });

  it('ends a page before it is too large for an answer', async () => {
    const id = 'users-20260301t100000-none00';
    const large = makeMemoryObjectStore();
    const text = 'x'.repeat(2 ** 20);
    for (let n = 10; n < 30; n++) await large.put(runLogKey(id, START + n, 'w'), Buffer.from(line(n, text)));
    const deps = {
      catalog: makeMemoryCatalog(),
      runs,
      objects: large,
      bodies: makeKeptBodies({ max_bytes: 1000 }),
      now: Date.now,
    };
    const answer = await callArea(deps, routes)(`/v1/runs/${id}/log`, { headers: {} });
    expect(answer.json().items.length).toBeLessThan(20);
    expect(Buffer.byteLength(answer.body)).toBeLessThan(6e6);
    expect(answer.json().next).not.toBeNull();
  });

  it('is empty for a run that wrote nothing, and not there for one that is not', async () => {
    expect((await call('/v1/runs/users-20260301t100000-none00/log')).json()).toEqual({ items: [], next: null });
    const missing = await call('/v1/runs/none/log');
    expect({ status: missing.statusCode, detail: missing.json().detail }).toEqual({
      status: 404,
      detail: "There is no run 'none'; the latest are listed at /v1/runs.",
    });
  });

  it('refuses what does not fit, a cursor of another list among it', async () => {
    const other = Buffer.from('{"before":"x"}').toString('base64url');
    for (const query of [
      'limit=0',
      'limit=101',
      'level=DEBUG',
      'level=info',
      'cursor=x',
      `cursor=${other}`,
      'cursor=',
      '__proto__=1',
    ])
      expect({ query, status: (await call(`/v1/runs/${RUN}/log?${query}`)).statusCode }).toEqual({
        query,
        status: 400,
      });
  });
});
