import type { ResourceStore } from '@granary/domain/ports/resource-store';
import { hostOf, NOTHING_KNOWN, type ResourceRecord } from '@granary/domain/resource-record';

/** For tests and small tools. */
export const makeMemoryResourceStore = (): ResourceStore => {
  const records = new Map<string, ResourceRecord>();
  const addresses = new Map<string, string>();
  const keyOf = (source: string, id: string) => JSON.stringify([source, id]);
  const put = (
    source: string,
    id: string,
    change: Partial<ResourceRecord> & Pick<ResourceRecord, 'resource'>,
  ): void => {
    const known = records.get(keyOf(source, id));
    // What is undefined is left as it is, as it is in DynamoDB.
    const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    records.set(
      keyOf(source, id),
      structuredClone({ ...NOTHING_KNOWN, resource: change.resource, ...known, ...said, source, id }),
    );
  };
  return {
    getRecord: async (source, id) => structuredClone(records.get(keyOf(source, id))),
    async listRecords(source, { state, host, limit, after = '' }) {
      const all = [...records.values()]
        .filter((record) => record.source === source && record.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const looked = all.slice(0, limit);
      const found = looked.filter(
        (record) => (!state || record.state === state) && (!host || hostOf(record.resource) === host),
      );
      return { records: structuredClone(found), next: all.length > limit ? looked.at(-1)!.id : null };
    },
    async listed(source, id, { run, part, at, resource, same_as, state, reason }) {
      const known = records.get(keyOf(source, id));
      if (known?.listed?.run === run && known.listed.part !== part) return false;
      const back =
        known?.state === 'gone' || known?.state === 'excluded' ? ({ state: 'listed', reason: null } as const) : {};
      const left = state && { state, reason: reason ?? null };
      put(source, id, { resource, listed: { run, part, at }, same_as: same_as ?? null, gone: null, ...back, ...left });
      return true;
    },
    async checked(source, resource, { at, ...check }) {
      put(source, resource.id ?? resource.dataset, { resource, checked_at: at, ...check });
    },
    async goneIn(source, id, run, at) {
      const known = records.get(keyOf(source, id));
      if (!known || known.gone) return;
      put(source, id, { resource: known.resource, state: 'gone', reason: null, gone: { run, at } });
    },
    async decide(source, id, decision) {
      const known = records.get(keyOf(source, id));
      if (known) put(source, id, { resource: known.resource, ...decision });
      return known !== undefined;
    },
    async claimAddress(source, url, id, from) {
      const key = keyOf(source, url);
      const owner = addresses.get(key);
      if (owner === undefined || owner === from) addresses.set(key, id);
      return addresses.get(key)!;
    },
  };
};
