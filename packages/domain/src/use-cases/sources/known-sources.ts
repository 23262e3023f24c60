import { Conflict, InvalidRequest } from '../../errors.ts';
import { type TableKind, withKind } from '../../kind.ts';
import type { SourceReader } from '../../ports/source-store.ts';
import type { Source, SourceDefinition } from '../../source.ts';
import type { SourceRevision, SourceState } from '../../source-revision.ts';

/** A source as it stands: of the repository (`shipped`), or put at run time (`api`). */
export type KnownSource = {
  id: string;
  origin: 'shipped' | 'api';
  state: SourceState;
  /** Of its newest edit; 0 where it was never edited at run time. */
  revision: number;
  edited_at: string | null;
  edited_by: string | null;
  configuration: Source;
  /** With the code of its kind. Throws InvalidRequest where there is no such kind (any more). */
  definition(): Promise<SourceDefinition>;
};

export type KnownSources = {
  /** All of them by id, those that are deleted too. An edit shows here within seconds. */
  list(): Promise<readonly KnownSource[]>;
  /** As it stands now. */
  find(id: string): Promise<KnownSource | undefined>;
};

/** What a message is worked on by: undefined where there is no such source. */
export type FindSource = (
  id: string,
  /** The one that the run was planned by; the current one by default. */
  revision?: number,
) => SourceDefinition | undefined | Promise<SourceDefinition | undefined>;

// biome-ignore lint/suspicious/noExplicitAny: a registry holds kinds of different configurations.
type Kinds = readonly TableKind<any>[];

export type KnownSourcesDeps = {
  shipped: readonly Source[];
  /** Loaded when the first source is defined: not everybody who lists sources needs the code of their kinds. */
  kinds: () => Promise<Kinds>;
  store: Pick<SourceReader, 'getSource' | 'listSources' | 'getRevision'>;
};

/**
 * The sources of the repository and those that were put at run time, as one. A source of the repository comes before
 * one that was put under the same id: of the latter, only the state then counts.
 */
export const makeKnownSources = ({ shipped, kinds, store }: KnownSourcesDeps): KnownSources => {
  const ofRepository = new Map(shipped.map((source) => [source.id, source]));
  const known = (id: string, edit: SourceRevision | undefined): KnownSource | undefined => {
    const own = ofRepository.get(id);
    const configuration = own ?? edit?.configuration;
    if (!configuration) return undefined;
    return {
      id,
      origin: own ? 'shipped' : 'api',
      // One that was deleted and is shipped now is not deleted: somebody has brought it back.
      state: own && edit?.state === 'deleted' ? 'active' : (edit?.state ?? 'active'),
      revision: edit?.revision ?? 0,
      edited_at: edit?.edited_at ?? null,
      edited_by: edit?.edited_by ?? null,
      configuration,
      definition: async () => defineSource(await kinds(), configuration),
    };
  };
  return {
    async list() {
      const edits = new Map((await store.listSources()).map((edit) => [edit.source, edit]));
      const ids = [...new Set([...ofRepository.keys(), ...edits.keys()])].sort();
      return ids.flatMap((id) => known(id, edits.get(id)) ?? []);
    },
    find: async (id) => known(id, await store.getSource(id)),
  };
};

/**
 * Finds the source of a message. One of the repository is not looked up: a run that is under way ends, whether or not
 * its source is paused. One that was put at run time is as it was when its run was planned, whatever became of it
 * since; the function throws InvalidRequest once it is deleted.
 */
export const makeFindSource = ({ shipped, kinds, store }: KnownSourcesDeps): FindSource => {
  const defined = new Map<string, SourceDefinition>();
  return async (id, revision) => {
    const own = shipped.find((source) => source.id === id);
    if (own) {
      const definition = defined.get(id) ?? defineSource(await kinds(), own);
      defined.set(id, definition);
      return definition;
    }
    const current = await store.getSource(id);
    if (!current?.configuration) return undefined;
    if (current.state === 'deleted')
      throw new InvalidRequest(
        `The source '${id}' was deleted (revision ${current.revision}, ${current.edited_at}): nothing of it is collected any more`,
      );
    const planned =
      revision === undefined || revision === current.revision ? current : await store.getRevision(id, revision);
    return planned?.configuration ? defineSource(await kinds(), planned.configuration) : undefined;
  };
};

/** A source that may be collected now. Throws Conflict, which says why not. */
export const refuseInactive = ({ id, state, origin }: Pick<KnownSource, 'id' | 'state' | 'origin'>): void => {
  if (state === 'paused')
    throw new Conflict(
      `The source '${id}' is paused. Resume it (POST /v1/admin/sources/${id}/resume), then collect it.`,
    );
  if (state === 'deleted' && origin === 'api')
    throw new Conflict(
      `The source '${id}' was deleted. Put it again (PUT /v1/admin/sources/${id} with If-None-Match: *), then collect it.`,
    );
};

/** A source with the code of its kind. Throws InvalidRequest where there is no such kind. */
export const defineSource = (kinds: Kinds, source: Source): SourceDefinition => {
  const kind = kinds.find((one) => one.kind === source.kind);
  if (kind) return withKind(kind, source);
  const names = kinds.map((one) => one.kind).sort();
  throw new InvalidRequest(
    `The source '${source.id}' is of the kind '${source.kind}', which there is not. The kinds are: ${names.join(', ')}.`,
  );
};
