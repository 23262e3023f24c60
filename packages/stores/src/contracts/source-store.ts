import type { SourceStore } from '@granary/domain/ports/source-store';
import type { Source } from '@granary/domain/source';
import { MOST_CONFIGURATION_BYTES, type SourceRevision } from '@granary/domain/source-revision';
import { describe, expect, it } from '@jest/globals';

/** What every SourceStore does. */
export const sourceStoreContract = (name: string, make: () => Promise<SourceStore>): void => {
  describe(`${name} as a SourceStore`, () => {
    it('gives back what was put, to the letter, and nothing of another name', async () => {
      const store = await make();
      const put = revisionOf('port', 1, {
        config: { empty: '', none: null, list: [], number: 0.1, deep: [{ a: [1] }] },
      });
      expect(await store.editSource(put)).toBe(true);
      expect(await store.getSource('port')).toEqual(put);
      expect(JSON.stringify((await store.getSource('port'))!.configuration)).toBe(JSON.stringify(put.configuration));
      expect(await store.getSource('por')).toBeUndefined();
      expect(await store.getRevision('port', 2)).toBeUndefined();
    });

    it('keeps the state of a shipped source without a configuration', async () => {
      const store = await make();
      const paused = { ...revisionOf('port', 1), state: 'paused' as const, configuration: null };
      expect(await store.editSource(paused)).toBe(true);
      expect(await store.getSource('port')).toEqual(paused);
    });

    it('takes the revision that comes next and no other, and says yes to the same edit repeated', async () => {
      const store = await make();
      expect(await store.editSource(revisionOf('port', 2))).toBe(false);
      expect(await store.editSource(revisionOf('port', 1))).toBe(true);
      expect(await store.editSource(revisionOf('port', 1))).toBe(true);
      expect(await store.editSource(revisionOf('port', 1, { title: 'Another' }))).toBe(false);
      expect(await store.editSource(revisionOf('port', 3))).toBe(false);
      expect(await store.editSource(revisionOf('port', 2))).toBe(true);
      expect(await store.editSource(revisionOf('port', 1))).toBe(true);
      expect((await store.getSource('port'))!.revision).toBe(2);
    });

    it('lets one of those who edit at the same moment win, with nothing lost of the winner', async () => {
      const store = await make();
      await store.editSource(revisionOf('port', 1));
      const titles = Array.from({ length: 8 }, (_, i) => `Title ${i}`);
      const won = await Promise.all(titles.map((title) => store.editSource(revisionOf('port', 2, { title }))));
      expect(won.filter(Boolean)).toHaveLength(1);
      const winner = titles[won.indexOf(true)];
      expect((await store.getSource('port'))!.configuration!.title).toBe(winner);
      expect((await store.getRevision('port', 2))!.configuration!.title).toBe(winner);
    });

    it('lists sources by id, and the edits of one, newest first, by pages', async () => {
      const store = await make();
      for (const id of ['quay', 'harbour', 'port_of_faro']) await store.editSource(revisionOf(id, 1));
      for (let revision = 2; revision <= 12; revision++) await store.editSource(revisionOf('harbour', revision));
      expect((await store.listSources()).map(({ source, revision }) => [source, revision])).toEqual([
        ['harbour', 12],
        ['port_of_faro', 1],
        ['quay', 1],
      ]);
      const numbers = async (page: { limit: number; before?: number }) =>
        (await store.listRevisions('harbour', page)).map(({ revision }) => revision);
      expect(await numbers({ limit: 3 })).toEqual([12, 11, 10]);
      expect(await numbers({ limit: 100, before: 3 })).toEqual([2, 1]);
      expect(await numbers({ limit: 100, before: 1 })).toEqual([]);
      expect(await store.listRevisions('none', { limit: 3 })).toEqual([]);
    });

    it('has room for the largest configuration, whatever it is written in', async () => {
      const store = await make();
      const rest = Buffer.byteLength(JSON.stringify({ ...configuration('port'), config: '' }));
      const put = revisionOf('port', 1, { config: 'é'.repeat((MOST_CONFIGURATION_BYTES - rest) / 2) });
      expect(await store.editSource(put)).toBe(true);
      expect(await store.getSource('port')).toEqual(put);
    });
  });
};

const configuration = (id: string): Source => ({
  id,
  kind: 'files',
  title: 'Port',
  publisher: 'The port',
  theme: 'environment',
  tags: ['port'],
  licence: { name: 'CC0-1.0', title: 'Public domain' },
  schedule: 'rate(1 day)',
  base_url: 'https://port.test/',
  requests_per_minute: 60,
  max_bytes: 1000,
  config: {},
  datasets: [],
});

export const revisionOf = (id: string, revision: number, change: Partial<Source> = {}): SourceRevision => ({
  source: id,
  revision,
  change: revision === 1 ? 'created' : 'changed',
  state: 'active',
  configuration: { ...configuration(id), ...change },
  edited_at: '2026-12-01T08:00:00.000Z',
  edited_by: 'operator',
});
