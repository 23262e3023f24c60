import type { ReplayMessage } from '@granary/domain/messages/collect';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemoryQueue } from '@granary/stores/memory-queue';
import { makeMemoryRunStore } from '@granary/stores/memory-run-store';
import { describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './operations.ts';

describe('A replay', () => {
  const ID = 'embrapa_producao';
  const published = async () => {
    const catalog = makeMemoryCatalog();
    const runs = makeMemoryRunStore();
    const replays = makeMemoryQueue<ReplayMessage>();
    const objects = makeMemoryObjectStore();
    const deps = { replay: { catalog, runs, queue: replays, clock: Date.now, random: Math.random } };
    const lines: Record<string, unknown>[] = [];
    const as = (...groups: string[]) =>
      callArea(deps as never, routes as never, groups, (line) => lines.push(JSON.parse(line)));
    const post = (path: string, body: object) => as('operators')(path, { method: 'POST', body: JSON.stringify(body) });
    await publishCsv({ catalog, objects }, ID, 'id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;1\n');
    return { post, replays, runs, lines, as };
  };

  it('is a run of one part whose message is in the queue, for operators, and is logged', async () => {
    const { post, replays, runs, lines, as } = await published();
    const { statusCode, headers, json } = await post('/v1/admin/replay', { dataset: ID });
    expect(statusCode).toBe(202);
    const { id } = json();
    expect(headers.Location).toMatch(new RegExp(`/v1/runs/${id}$`));
    expect(json()).toMatchObject({ kind: 'collect', source: 'embrapa', state: 'running', replays: { dataset: ID } });
    expect(await runs.getRun(id)).toMatchObject({ parts: 1, replays: { dataset: ID } });
    expect(replays.sent.map(({ message }) => message)).toMatchObject([
      { type: 'replay', run: id, part: 1, source: 'embrapa', dataset: ID },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'replay started', run: id, dataset: ID, by: '1' }));
    expect((await post('/v1/admin/replay', { dataset: ID })).json().id).toBe(id);
    expect(replays.sent).toHaveLength(1);
    const body = JSON.stringify({ dataset: ID });
    expect((await as('readers')('/v1/admin/replay', { method: 'POST', body })).statusCode).toBe(403);
  });

  it('may compare with a version, beside one that publishes', async () => {
    const { post, replays } = await published();
    await post('/v1/admin/replay', { dataset: ID });
    expect((await post('/v1/admin/rebuild', { dataset: ID, version: 1 })).json()).toMatchObject({
      replays: { dataset: ID, version: 1 },
    });
    expect(replays.sent[1]!.message).toMatchObject({ version: 1 });
  });

  it('of a dataset or a version that there is not is 404', async () => {
    const { post } = await published();
    expect((await post('/v1/admin/replay', { dataset: 'embrapa_none' })).json().detail).toContain(
      "There is no dataset 'embrapa_none'",
    );
    const { statusCode, json } = await post('/v1/admin/rebuild', { dataset: ID, version: 9 });
    expect([statusCode, json().detail]).toEqual([
      404,
      `The dataset '${ID}' has no version 9; they are listed at /v1/datasets/${ID}/versions.`,
    ]);
    expect((await post('/v1/admin/rebuild', { dataset: ID })).statusCode).toBe(400);
  });
});
