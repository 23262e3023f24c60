import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { describe, expect, it } from '@jest/globals';
import {
  Conflict,
  InvalidRequest,
  NotFound,
  PreconditionFailed,
  PreconditionRequired,
  TooLarge,
} from '../../errors.ts';
import type { Source } from '../../source.ts';
import { MOST_CONFIGURATION_BYTES } from '../../source-revision.ts';
import { portKind, portSource } from '../testing/port-source.ts';
import { type EditDeps, putSource, removeSource, setPaused } from './edit-source.ts';
import { defineSource, makeKnownSources } from './known-sources.ts';
import { refuseClaims } from './refuse-claims.ts';

const KINDS = [portKind];
const NEW = { if_none_match: '*' };
const by = 'operator';

const makeEditing = (shipped: readonly Source[] = [portSource({ id: 'shipped' })], store = makeMemorySourceStore()) => {
  const catalog = makeMemoryCatalog();
  const now = Date.parse('2026-12-01T08:00:01.000Z');
  const deps: EditDeps = {
    store,
    catalog,
    sources: makeKnownSources({ shipped, kinds: async () => KINDS, store }),
    checkSource: async (written) => written as Source,
    define: async (source) => defineSource(KINDS, source),
    refusalOf: async (url) => (url.includes('10.0.0.1') ? '10.0.0.1 is no public address' : undefined),
    clock: () => now,
  };
  const put = (written: unknown, precondition = {}, id = 'port') =>
    putSource(deps)({ id, by, written, ...precondition });
  const remove = (precondition = {}, id = 'port') => removeSource(deps)({ id, by, ...precondition });
  const set = (change: 'paused' | 'resumed', id = 'port', if_match?: string) =>
    setPaused(deps)({ id, by, change, if_match });
  const history = async (id = 'port') =>
    (await store.listRevisions(id, { limit: 99 })).map(
      ({ revision, change, state }) => `${revision} ${change} ${state}`,
    );
  return { deps, store, catalog, put, remove, set, history };
};

describe('Putting a source', () => {
  it('creates it, changes it, and keeps each revision with who made it and when', async () => {
    const { put, store, history } = makeEditing();
    expect(await put(portSource(), NEW)).toMatchObject({ created: true, revision: 1, state: 'active', origin: 'api' });
    const changed = portSource({ title: 'Harbour' });
    expect(await put(changed, { if_match: '"1"' })).toMatchObject({
      created: false,
      revision: 2,
      configuration: changed,
    });
    expect(await history()).toEqual(['2 changed active', '1 created active']);
    expect(await store.getRevision('port', 1)).toEqual({
      ...{ source: 'port', revision: 1, change: 'created', state: 'active', configuration: portSource() },
      ...{ edited_at: '2026-12-01T08:00:01.000Z', edited_by: by },
    });
  });

  it.each([
    ['"1"', '"7"', 'is at revision 2, and If-Match says "7"', 'send If-Match: "2"'],
    ['a weak one', 'W/"2"', 'is at revision 2', 'If-Match: "2"'],
  ])('refuses what was made of another revision: %s', async (_, if_match, ...messages) => {
    const { put } = makeEditing();
    await put(portSource(), NEW);
    await put(portSource({ title: 'Harbour' }), { if_match: '"1"' });
    const late = put(portSource({ title: 'Late' }), { if_match });
    await expect(late).rejects.toThrow(PreconditionFailed);
    for (const message of messages) await expect(late).rejects.toThrow(message);
    await expect(late).rejects.toMatchObject({ headers: { ETag: '"2"' } });
  });

  it('takes an ETag as it was sent: one of several, of a compressed answer, or any', async () => {
    const { put } = makeEditing();
    await put(portSource(), NEW);
    for (const [n, if_match] of ['"1;gzip"', '"9", "2"', '*', '"4;br"'].entries())
      expect(await put(portSource({ title: `Title ${n}` }), { if_match })).toMatchObject({ revision: n + 2 });
  });

  it('wants to know what an edit was made of', async () => {
    const { put, remove } = makeEditing();
    await expect(put(portSource())).rejects.toThrow(PreconditionRequired);
    await expect(put(portSource())).rejects.toThrow('send If-None-Match: *');
    await put(portSource(), NEW);
    await expect(put(portSource({ title: 'Other' }))).rejects.toThrow('If-Match: "1", the ETag of GET');
    await expect(remove()).rejects.toThrow(PreconditionRequired);
    await expect(put(portSource({ title: 'Other' }), NEW)).rejects.toThrow(
      "There is a source 'port' already, at revision 1",
    );
    await expect(put(portSource({ id: 'quay' }), { if_match: '"1"' }, 'quay')).rejects.toThrow(
      "There is no source 'quay'",
    );
    await expect(put(portSource({ title: 'O' }), { if_match: '1' })).rejects.toThrow(InvalidRequest);
    await expect(put(portSource({ title: 'O' }), { if_match: '1' })).rejects.toThrow(
      'such as "3" with its quotation marks',
    );
    await expect(put(portSource({ title: 'O' }), { if_none_match: '"1"' })).rejects.toThrow('If-None-Match must be *');
    await expect(put(portSource({ title: 'O' }), { ...NEW, if_match: '"1"' })).rejects.toThrow('either If-Match');
  });

  it('makes no revision of the same configuration put again, as after a lost answer', async () => {
    const { put, history } = makeEditing();
    await put(portSource(), NEW);
    expect(await put(portSource(), NEW)).toMatchObject({ created: false, revision: 1 });
    expect(await put(portSource(), { if_match: '"1"' })).toMatchObject({ revision: 1 });
    expect(await history()).toEqual(['1 created active']);
    await expect(put(portSource())).rejects.toThrow(PreconditionRequired);
  });

  it('lets one of two who edit at the same moment win', async () => {
    const { put, history } = makeEditing();
    await put(portSource(), NEW);
    const edits = ['A', 'B', 'C'].map((title) => put(portSource({ title }), { if_match: '"1"' }));
    const done = await Promise.allSettled(edits);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const one of done) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(PreconditionFailed);
    expect(await history()).toHaveLength(2);
  });

  it('refuses the source of the repository, an id that is an address, and another id than that of the address', async () => {
    const { put } = makeEditing();
    const shipped = put(portSource({ id: 'shipped' }), NEW, 'shipped');
    await expect(shipped).rejects.toThrow(Conflict);
    await expect(shipped).rejects.toThrow('Edit packages/sources/src/sources/shipped.yml and deploy, pause it');
    await expect(put(portSource({ id: 'preview' }), NEW, 'preview')).rejects.toThrow("may not be called 'preview'");
    await expect(put(portSource({ id: 'quay' }), NEW)).rejects.toMatchObject({
      fields: [{ field: 'id', message: "must be 'port', as in the address" }],
    });
    await expect(put(portSource({ wide: [] }), NEW)).rejects.toThrow("'wide' is for sources of the repository alone");
  });

  it('refuses datasets of other sources: declared, published, and of one that was deleted', async () => {
    const { put, remove, catalog } = makeEditing([portSource({ id: 'port_of', config: { names: ['faro'] } })]);
    await expect(put(portSource({ config: { names: ['of_faro'] } }), NEW)).rejects.toMatchObject({
      fields: [
        { field: 'datasets.0.id', message: "'port_of_faro' is a dataset of the source 'port_of'. Choose another id." },
      ],
    });
    const { fields, key, title, description, id } = portSource().datasets[0]!;
    const { publisher, theme, tags, licence } = portSource();
    const about = { fields, key, title, description, publisher, theme, tags, licence, source_url: 'http://port.test/' };
    await catalog.describeDataset({ id, source: 'other', ...about });
    await expect(put(portSource(), NEW)).rejects.toThrow("'port_ships' is a dataset of the source 'other'");
    const own = portSource({ config: { names: ['boats'] } });
    await put(own, NEW);
    await remove({ if_match: '*' });
    await catalog.describeDataset({ ...about, id: 'port_boats', source: 'port' });
    expect(await put(own, NEW)).toMatchObject({ created: true, revision: 3 });
  });

  it('refuses an address that is not fetched, be it of the source or of a file', async () => {
    const { put } = makeEditing();
    await expect(put(portSource({ base_url: 'http://10.0.0.1/' }), NEW)).rejects.toMatchObject({
      fields: [{ field: 'base_url', message: '10.0.0.1 is no public address' }],
    });
    const files = portSource({ config: { names: ['http://10.0.0.1/x'] }, datasets: [] });
    await expect(put(files, NEW)).rejects.toMatchObject({ fields: [{ field: 'config' }] });
  });

  it('looks up names of hosts side by side, and not more than the resolver bears', async () => {
    const { deps } = makeEditing();
    let [now, most, asked] = [0, 0, 0];
    const refusalOf = async () => {
      most = Math.max(most, ++now);
      asked++;
      await new Promise(setImmediate);
      now--;
      return undefined;
    };
    const names = Array.from({ length: 60 }, (_, at) => `http://port${at}.test/x`);
    const configuration = portSource({ config: { names }, datasets: [] });
    await refuseClaims({ ...deps, refusalOf }, configuration);
    expect({ most, asked }).toEqual({ most: 25, asked: 61 });
  });

  it('refuses a configuration that no item can hold', async () => {
    const { put } = makeEditing();
    const large = put(portSource({ title: 'x'.repeat(MOST_CONFIGURATION_BYTES) }), NEW);
    await expect(large).rejects.toThrow(TooLarge);
    await expect(large).rejects.toThrow(/has \d+ bytes as JSON; the most is 262144/);
  });
});

describe('Pausing, resuming and deleting a source', () => {
  it('keeps what was edited, and does nothing twice', async () => {
    const { put, set, remove, history, store } = makeEditing();
    await put(portSource(), NEW);
    expect(await set('paused')).toMatchObject({ state: 'paused', revision: 2 });
    expect(await set('paused')).toMatchObject({ state: 'paused', revision: 2 });
    // An edit does not resume it.
    expect(await put(portSource({ title: 'Harbour' }), { if_match: '"2"' })).toMatchObject({ state: 'paused' });
    await expect(set('resumed', 'port', '"2"')).rejects.toThrow(PreconditionFailed);
    expect(await set('resumed', 'port', '"3"')).toMatchObject({ state: 'active', revision: 4 });
    await expect(remove({ if_match: '"3"' })).rejects.toThrow(PreconditionFailed);
    expect(await remove({ if_match: '"4"' })).toMatchObject({ state: 'deleted', revision: 5 });
    expect(await remove({ if_match: '"4"' })).toMatchObject({ state: 'deleted', revision: 5 });
    await expect(set('paused')).rejects.toThrow(Conflict);
    await expect(put(portSource(), { if_match: '"5"' })).rejects.toThrow("The source 'port' was deleted");
    expect(await put(portSource(), NEW)).toMatchObject({ created: true, revision: 6, state: 'active' });
    expect(await history()).toEqual([
      ...['6 created active', '5 deleted deleted', '4 resumed active', '3 changed paused', '2 paused paused'],
      '1 created active',
    ]);
    expect((await store.getRevision('port', 5))!.configuration!.title).toBe('Harbour');
  });

  it('pauses a source of the repository too, which cannot be deleted', async () => {
    const { set, remove, store, deps } = makeEditing();
    expect(await set('paused', 'shipped')).toMatchObject({ origin: 'shipped', state: 'paused', revision: 1 });
    expect((await store.getSource('shipped'))!.configuration).toBeNull();
    expect((await deps.sources.list()).map(({ id, state }) => [id, state])).toEqual([['shipped', 'paused']]);
    await expect(remove({ if_match: '*' }, 'shipped')).rejects.toThrow('cannot be deleted here');
    expect(await set('resumed', 'shipped')).toMatchObject({ state: 'active', revision: 2 });
  });

  it('lets the id of a source be put that was paused and is no longer shipped', async () => {
    const { set, store } = makeEditing();
    await set('paused', 'shipped');
    const later = makeEditing([], store);
    await expect(later.set('resumed', 'shipped')).rejects.toThrow(NotFound);
    const own = portSource({ id: 'shipped' });
    expect(await later.put(own, NEW, 'shipped')).toMatchObject({ created: true, revision: 2, state: 'active' });
    expect(await later.history('shipped')).toEqual(['2 created active', '1 paused paused']);
  });

  it('says of a source that there is not where sources are listed', async () => {
    const { set, remove } = makeEditing();
    await expect(set('paused', 'none')).rejects.toThrow(NotFound);
    await expect(remove({ if_match: '*' }, 'none')).rejects.toThrow('GET /v1/admin/sources lists them');
  });
});
