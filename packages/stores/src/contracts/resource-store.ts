import type { ResourceStore } from '@granary/domain/ports/resource-store';
import { NOTHING_KNOWN, type ResourceCheck } from '@granary/domain/resource-record';
import type { Resource } from '@granary/domain/source';
import { describe, expect, it } from '@jest/globals';

const AT = '2026-11-20T08:00:00.000Z';
const resource = (id: string, url = `http://a.test/${id}.csv`): Resource => ({
  dataset: `office_${id}`,
  id,
  url,
  hints: {},
});
const listed = (id: string, more: object = {}) => ({ run: 'r1', part: 1, at: AT, resource: resource(id), ...more });
const check = (more: Partial<ResourceCheck> = {}): ResourceCheck => ({
  ...{ state: 'published', reason: null, at: AT, status: 200, response_ms: 12, datasets: ['office_a'] },
  ...{ failures: 0, retry_at: null, refused: null, ...more },
});

/** What every ResourceStore does. `make` gives an empty one. */
export const resourceStoreContract = (name: string, make: () => Promise<ResourceStore>): void => {
  describe(`${name} as a ResourceStore`, () => {
    it('knows a resource once it is listed, by one part of a run', async () => {
      const store = await make();
      expect(await store.getRecord('office', 'a')).toBeUndefined();
      expect(await store.listed('office', 'a', listed('a'))).toBe(true);
      expect(await store.getRecord('office', 'a')).toEqual({
        ...NOTHING_KNOWN,
        ...{ source: 'office', id: 'a', resource: resource('a'), listed: { run: 'r1', part: 1, at: AT } },
      });
      expect(await store.listed('office', 'a', listed('a'))).toBe(true);
      expect(await store.listed('office', 'a', listed('a', { part: 2 }))).toBe(false);
      expect(await store.listed('office', 'a', listed('a', { run: 'r2', part: 2 }))).toBe(true);
      expect(await store.getRecord('other', 'a')).toBeUndefined();
    });

    it('keeps what came of looking at it, which listing it again leaves as it is', async () => {
      const store = await make();
      await store.listed('office', 'a', listed('a'));
      await store.checked('office', resource('a'), check());
      await store.listed('office', 'a', listed('a', { run: 'r2' }));
      const { at, ...rest } = check();
      expect(await store.getRecord('office', 'a')).toMatchObject({ ...rest, checked_at: at, listed: { run: 'r2' } });
      // Datasets stay where a check does not know any.
      await store.checked(
        'office',
        resource('a'),
        check({ state: 'failing', reason: 'No answer.', failures: 2, datasets: undefined }),
      );
      expect(await store.getRecord('office', 'a')).toMatchObject({
        state: 'failing',
        failures: 2,
        datasets: ['office_a'],
      });
    });

    it('takes what was left out or gone as listed when it is back, and keeps who decided', async () => {
      const store = await make();
      const excluded = { reason: 'Private.', by: 'me', at: AT };
      expect(await store.decide('office', 'a', { excluded, contract: null })).toBe(false);
      await store.listed('office', 'a', listed('a', { state: 'excluded', reason: 'Not wanted.', same_as: 'b' }));
      expect(await store.getRecord('office', 'a')).toMatchObject({
        state: 'excluded',
        reason: 'Not wanted.',
        same_as: 'b',
      });
      expect(await store.decide('office', 'a', { excluded, contract: { new_columns: 'freeze' } })).toBe(true);
      await store.listed('office', 'a', listed('a', { run: 'r2' }));
      expect(await store.getRecord('office', 'a')).toMatchObject({
        state: 'listed',
        reason: null,
        same_as: null,
        excluded,
      });
      await store.goneIn('office', 'a', 'r3', AT);
      await store.goneIn('office', 'a', 'r4', AT);
      expect(await store.getRecord('office', 'a')).toMatchObject({
        state: 'gone',
        gone: { run: 'r3', at: AT },
        excluded,
      });
      await store.goneIn('office', 'nobody', 'r4', AT);
      expect(await store.getRecord('office', 'nobody')).toBeUndefined();
      await store.listed('office', 'a', listed('a', { run: 'r5' }));
      expect(await store.getRecord('office', 'a')).toMatchObject({
        state: 'listed',
        gone: null,
        contract: { new_columns: 'freeze' },
      });
      await store.goneIn('office', 'a', 'r6', AT);
      expect(await store.getRecord('office', 'a')).toMatchObject({ gone: { run: 'r6' } });
    });

    it('lists those of a source by pages, of one state and one host', async () => {
      const store = await make();
      for (const id of ['c', 'a', 'b']) await store.listed('office', id, listed(id));
      await store.listed(
        'office',
        'd',
        listed('d', { resource: resource('d', 'http://b.test/d'), state: 'refused', reason: 'No.' }),
      );
      await store.listed('other', 'x', listed('x'));
      const idsOf = async (query: { state?: 'refused' | 'listed'; host?: string; limit: number }) => {
        const ids: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.listRecords('office', { ...query, ...(after !== undefined && { after }) });
          ids.push(...page.records.map(({ id }) => id));
          after = page.next ?? undefined;
        } while (after !== undefined);
        return ids;
      };
      expect(await idsOf({ limit: 3 })).toEqual(['a', 'b', 'c', 'd']);
      expect(await idsOf({ limit: 1, state: 'refused' })).toEqual(['d']);
      expect(await idsOf({ limit: 2, host: 'a.test' })).toEqual(['a', 'b', 'c']);
      expect(await idsOf({ limit: 2, host: 'a.test', state: 'refused' })).toEqual([]);
    });

    it('gives an address to whoever comes first, until they lose it', async () => {
      const store = await make();
      const url = `http://a.test/${'x'.repeat(1900)}`;
      expect(await store.claimAddress('office', url, 'a')).toBe('a');
      expect(await store.claimAddress('office', url, 'b')).toBe('a');
      expect(await store.claimAddress('office', url, 'b', 'c')).toBe('a');
      expect(await store.claimAddress('other', url, 'b')).toBe('b');
      expect(await store.claimAddress('office', url, 'b', 'a')).toBe('b');
      expect(await store.claimAddress('office', url, 'a')).toBe('b');
    });
  });
};
