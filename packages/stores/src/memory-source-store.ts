import type { SourceStore } from '@granary/domain/ports/source-store';
import { sameJson } from '@granary/domain/rules/same-json';
import type { SourceRevision } from '@granary/domain/source-revision';

/** For tests and small tools. */
export const makeMemorySourceStore = (): SourceStore => {
  const kept = new Map<string, SourceRevision[]>();
  const of = (id: string): readonly SourceRevision[] => kept.get(id) ?? [];
  return {
    getSource: async (id) => structuredClone(of(id).at(-1)),
    listSources: async () => structuredClone([...kept.keys()].sort().map((id) => of(id).at(-1)!)),
    getRevision: async (id, revision) => structuredClone(of(id)[revision - 1]),
    listRevisions: async (id, { limit, before = Number.POSITIVE_INFINITY }) =>
      structuredClone(of(id).filter(({ revision }) => revision < before))
        .reverse()
        .slice(0, limit),
    async editSource(revision) {
      const before = of(revision.source);
      const there = before[revision.revision - 1];
      if (there) return sameJson(there, revision);
      if (revision.revision !== before.length + 1) return false;
      kept.set(revision.source, [...before, structuredClone(revision)]);
      return true;
    },
  };
};
