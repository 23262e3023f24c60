/** What operators do about sources, without a deployment. */
import assert from 'node:assert/strict';
import { ended, type Run, type Step } from './world.ts';

const PORT = '/v1/admin/sources/port';
const PORTAL = '/v1/admin/sources/portal';

const about = (id: string, kind: string) => ({
  ...{ id, kind, title: 'Port', publisher: 'The port', theme: 'trade', tags: ['grapes'] },
  ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
  ...{ requests_per_minute: 6000, max_bytes: 10_000_000 },
});

export const sourcing: Step = {
  name: 'collects a source that an operator puts, pauses and deletes, without a deployment',
  run: async ({ cloud, replica }) => {
    replica.setFaults([]);
    const source = {
      ...about('port', 'files'),
      // A private address, which this stage was deployed to allow.
      base_url: replica.bases.embrapa,
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

type Resources = { items: { id: string; state: string }[] };

export const crawling: Step = {
  name: 'collects a portal, leaves out a resource that an operator excludes, and looks at one when it is told to',
  run: async ({ cloud, replica }) => {
    replica.setFaults([]);
    const source = {
      ...about('portal', 'ckan'),
      ...{ base_url: replica.bases.portal, config: { search: 'encore la nomenclature' }, datasets: [] },
    };
    await cloud.json(PORTAL, { method: 'PUT', headers: { 'if-none-match': '*' }, body: source });
    const collect = async () => ended(cloud, (await cloud.json<Run>(`${PORTAL}/collect`, { method: 'POST' })).id);
    const first = await collect();
    assert.equal(first.state, 'succeeded', JSON.stringify(first.errors));
    const list = () => cloud.json<Resources>('/v1/resources?source=portal');
    const { items } = await list();
    // Two resources of one address: one of them is fetched.
    const [one, other] = ['excluded', 'published'].map((state) => items.find((resource) => resource.state === state));
    assert.ok(one && other, JSON.stringify(items));
    const path = ({ id }: { id: string }) => `/v1/admin/resources/${encodeURIComponent(id)}`;
    const put = (body: object) => cloud.json(path(one), { method: 'PUT', body });
    await put({ excluded: { reason: 'It is not wanted.' } });
    assert.equal((await collect()).state, 'succeeded');
    assert.equal((await list()).items.find(({ id }) => id === one.id)?.state, 'excluded');
    await put({});
    const checked = await cloud.json<Run>(`${path(other)}/check`, { method: 'POST' });
    assert.equal((await ended(cloud, checked.id)).counts.unchanged, 1);
    await cloud.json(PORTAL, { method: 'DELETE', headers: { 'if-match': '*' } });
  },
  heal: async ({ cloud }) => {
    await cloud.ask(PORTAL, { method: 'DELETE', headers: { 'if-match': '*' } });
  },
};
