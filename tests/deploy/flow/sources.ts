/** What operators do about sources, without a deployment. */
import assert from 'node:assert/strict';
import { ended, type Run, type Step } from './world.ts';

const PORT = '/v1/admin/sources/port';

export const sourcing: Step = {
  name: 'collects a source that an operator puts, pauses and deletes, without a deployment',
  run: async ({ cloud, replica }) => {
    replica.setFaults([]);
    const source = {
      ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'trade', tags: ['grapes'] },
      ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
      // A private address, which this stage was deployed to allow.
      ...{ base_url: replica.bases.embrapa, requests_per_minute: 6000, max_bytes: 10_000_000 },
      config: { files: [{ dataset: 'port_grapes', url: 'ExpUva.csv' }] },
      datasets: [{ id: 'port_grapes', title: 'Grapes', description: 'Grapes exported, by country.' }],
    };
    await cloud.json(PORT, { method: 'PUT', headers: { 'if-none-match': '*' }, body: source });
    const post = <T>(what: string) => cloud.json<T>(`${PORT}/${what}`, { method: 'POST' });
    const run = await ended(cloud, (await post<Run>('collect')).id);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.errors));
    const { place } = await cloud.json('/v1/datasets/port_grapes/provenance?row=line:2');
    assert.equal(place.line, 2);
    await post('pause');
    assert.deepEqual((await cloud.invoke('ingestion', 'plan', {})).paused, ['port']);
    await post('resume');
    const { runs } = await cloud.invoke('ingestion', 'plan', { force: true, sources: ['port'] });
    await ended(cloud, runs[0].id);
    await cloud.json(PORT, { method: 'DELETE', headers: { 'if-match': '*' } });
    const { items } = await cloud.json(`${PORT}/history`);
    assert.deepEqual(
      items.slice(0, 4).map(({ change }: { change: string }) => change),
      ['deleted', 'resumed', 'paused', 'created'],
    );
    assert.ok((await cloud.json('/v1/records/port_grapes?limit=1')).length === 1);
  },
  heal: async ({ cloud }) => {
    await cloud.ask(PORT, { method: 'DELETE', headers: { 'if-match': '*' } });
  },
};
