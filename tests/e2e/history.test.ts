import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download, EMBRAPA_DATASETS, endedRun, listRuns, planNow, setReplica } from './collecting.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

type Item = {
  op: 'add' | 'remove' | 'change';
  key: Record<string, unknown>;
  row: Record<string, unknown>;
  cells: Record<string, [unknown, unknown]>;
  at: { from: string; to: string };
};

describe('the history of datasets', () => {
  const state = newState();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ state, collected: true });
    await endedRun(stack);
    const [before] = await listRuns(stack);
    await setReplica(stack, { vintage: 2024 });
    await planNow(stack);
    await endedRun(stack, before);
  }, 540_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('is a year more of each product and no row that went, in every dataset that has two versions', async () => {
    let compared = 0;
    for (const id of EMBRAPA_DATASETS) {
      const { items: versions } = await stack.json(`/v1/datasets/${id}/versions`);
      if (versions.length < 2) {
        expect((await stack.get(`/v1/datasets/${id}/diff`)).status).toBe(404);
        continue;
      }
      compared++;
      const { from, to, counts } = await stack.json(`/v1/datasets/${id}/diff`);
      expect({ id, from, to }).toEqual({ id, from: 1, to: 2 });
      expect(counts.removed).toBe(0);
      expect(counts.added).toBe(versions[0].counts.rows_published - versions[1].counts.rows_published);
      expect(counts.changed + counts.unchanged).toBe(versions[1].counts.rows_published);
    }
    expect(compared).toBeGreaterThan(5);
  }, 180_000);

  it('streams all changes as NDJSON, the same as the pages of JSON, and backwards the opposite', async () => {
    const path = '/v1/datasets/embrapa_producao/diff?from=1&to=2';
    const answer = await stack.get(path, { accept: 'application/x-ndjson', 'accept-encoding': 'gzip' });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    const lines: Item[] = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const items: Item[] = [];
    let page = await stack.json(`${path}&limit=7`);
    for (items.push(...page.items); page.next !== null; items.push(...page.items))
      page = await stack.json(`/v1/datasets/embrapa_producao/diff?limit=7&cursor=${page.next}`);
    expect(items).toEqual(lines);
    expect(new Set(lines.filter(({ op }) => op === 'add').map(({ row }) => row.year))).toEqual(new Set([2024]));
    const back = await stack.json('/v1/datasets/embrapa_producao/diff?from=2&to=1');
    expect(back.counts.removed).toBe(page.counts.added);
    expect(back.counts.unchanged).toBe(page.counts.unchanged);
  }, 180_000);

  it('leads from a figure to the line of the file that it was read from', async () => {
    for (const id of ['embrapa_producao', 'embrapa_imp_vinhos']) {
      const { items } = await stack.json(`/v1/datasets/${id}/diff`);
      const figure = id === 'embrapa_producao' ? 'quantity' : 'value_usd';
      const { row, at } = (items as Item[]).find(({ op, row: added }) => op === 'add' && Number(added[figure]) > 0)!;
      const traced = await stack.json(
        `/v1/datasets/${id}/provenance?row=${encodeURIComponent(at.to)}&column=${figure}`,
      );
      expect(traced.row).toEqual(row);
      const [cell] = traced.place.cells[figure];
      expect(cell.header).toBe('2024');
      expect(Number(cell.text.replace(',', '.'))).toBe(row[figure]);
      const raw = gunzipMaybe(await download(stack, id, `format=raw&version=${traced.version}`));
      expect(createHash('sha256').update(raw).digest('hex')).toBe(traced.source.sha256);
      const line = raw.toString().split('\n')[Number(row.line) - 1];
      expect(traced.text).toBe(line);
      expect(line.split(/[;\t]/)[cell.position - 1]).toBe(cell.text);
    }
    expect((await stack.get('/v1/datasets/embrapa_producao/provenance?row=line:999999')).status).toBe(404);
  }, 180_000);
});

const gunzipMaybe = (bytes: Uint8Array): Buffer =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : Buffer.from(bytes);
