import { Conflict, InvalidRequest, NotFound, PreconditionFailed, TooLarge } from '../../errors.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { SourceStore } from '../../ports/source-store.ts';
import { sameJson } from '../../rules/same-json.ts';
import type { Source } from '../../source.ts';
import { MOST_CONFIGURATION_BYTES, type SourceRevision } from '../../source-revision.ts';
import type { KnownSource, KnownSources } from './known-sources.ts';
import { checkIfMatch, checkPrecondition, type Precondition } from './precondition.ts';
import { type ClaimDeps, refuseClaims } from './refuse-claims.ts';

export type EditDeps = ClaimDeps & {
  sources: KnownSources;
  store: Pick<SourceStore, 'editSource' | 'getSource'>;
  /** What was written, checked by its shape and its kind's. Throws InvalidRequest with the path of each fault. */
  checkSource(written: unknown): Promise<Source>;
  clock: Clock;
};

/** Who edits: the `sub` of an operator's token. */
type By = { id: string; by: string } & Precondition;

/** Addresses of the API below `/v1/admin/sources/` that are no source's. */
const RESERVED: ReadonlySet<string> = new Set(['preview']);

/**
 * Creates a source, or changes its configuration. The very same configuration put again makes no new revision. Throws
 * InvalidRequest with the path of each fault, TooLarge, Conflict for a source of the repository, and what
 * {@link checkPrecondition} throws.
 */
export const putSource =
  (deps: EditDeps) =>
  async ({
    id,
    by,
    written,
    ...precondition
  }: By & { written: unknown }): Promise<KnownSource & { created: boolean }> => {
    const current = await deps.sources.find(id);
    if (current?.origin === 'shipped') throw shipped(current, 'changed');
    if (RESERVED.has(id))
      throw InvalidRequest.of('id', 'is reserved', `A source may not be called '${id}': it is an address of the API.`);
    const configuration = await checked(deps, id, written);
    if (isRepeated(current, configuration, precondition)) return { ...current, created: false };
    const creates = checkPrecondition(id, current, precondition);
    await refuseClaims(deps, configuration);
    // A source of an earlier release that was paused has no configuration left, and is none any more.
    const last = current ?? (await deps.store.getSource(id));
    const revision = next(deps, last, by, {
      source: id,
      change: creates ? 'created' : 'changed',
      // An edit does not resume what is paused.
      state: creates ? 'active' : current!.state,
      configuration,
    });
    return { ...(await edit(deps, revision)), created: creates };
  };

/** Ends the collecting of a source. What was published stays. Throws as {@link putSource}, and NotFound. */
export const removeSource =
  (deps: EditDeps) =>
  async ({ id, by, ...precondition }: By): Promise<KnownSource> => {
    const current = await existing(deps, id);
    if (current.origin === 'shipped') throw shipped(current, 'deleted');
    // Done again, as after a lost answer.
    if (current.state === 'deleted') return current;
    checkPrecondition(id, current, precondition);
    const { configuration } = current;
    return edit(deps, next(deps, current, by, { source: id, change: 'deleted', state: 'deleted', configuration }));
  };

const STATES = { paused: 'paused', resumed: 'active' } as const;

/** Pauses a source, or resumes it; one of the repository too. Throws NotFound, Conflict for one that was deleted. */
export const setPaused =
  (deps: Pick<EditDeps, 'sources' | 'store' | 'clock'>) =>
  async ({ id, by, change, if_match }: By & { change: keyof typeof STATES }): Promise<KnownSource> => {
    const current = await existing(deps, id);
    if (current.state === 'deleted')
      throw new Conflict(`The source '${id}' was deleted: it can be neither paused nor resumed. PUT it again first.`);
    checkIfMatch(current, if_match);
    const state = STATES[change];
    if (current.state === state) return current;
    const configuration = current.origin === 'shipped' ? null : current.configuration;
    return edit(deps, next(deps, current, by, { source: id, change, state, configuration }));
  };

/** Throws NotFound, which says where sources are listed. */
export const existing = async ({ sources }: Pick<EditDeps, 'sources'>, id: string): Promise<KnownSource> => {
  const source = await sources.find(id);
  if (source) return source;
  throw new NotFound(`There is no source '${id}'; GET /v1/admin/sources lists them.`);
};

const checked = async (deps: EditDeps, id: string, written: unknown): Promise<Source> => {
  const own = (written as { id?: unknown } | null)?.id;
  if (typeof own === 'string' && own !== id)
    throw InvalidRequest.of(
      'id',
      `must be '${id}', as in the address`,
      `The id '${own.slice(0, 100)}' in the body is not the '${id}' of the address.`,
    );
  const configuration = await deps.checkSource(written);
  for (const name of ['wide', 'examples'] as const)
    if (configuration[name])
      throw InvalidRequest.of(
        name,
        'is for sources of the repository alone',
        `'${name}' is for sources of the repository alone: addresses of the API and examples of its documentation are made when it is built. Leave it out.`,
      );
  const bytes = Buffer.byteLength(JSON.stringify(configuration));
  if (bytes > MOST_CONFIGURATION_BYTES)
    throw new TooLarge(
      `The configuration of '${id}' has ${bytes} bytes as JSON; the most is ${MOST_CONFIGURATION_BYTES}. Put it as several sources.`,
    );
  return configuration;
};

/**
 * Whether the request was carried out already, as when its answer was lost (RFC 9110, 13.1.1): what it would put is
 * there.
 */
const isRepeated = (
  current: KnownSource | undefined,
  configuration: Source,
  { if_match, if_none_match }: Precondition,
): current is KnownSource =>
  current !== undefined &&
  current.state !== 'deleted' &&
  (if_match !== undefined || if_none_match?.trim() === '*') &&
  sameJson(current.configuration, configuration);

const next = (
  { clock }: Pick<EditDeps, 'clock'>,
  last: Pick<SourceRevision, 'revision'> | undefined,
  edited_by: string,
  edited: Pick<SourceRevision, 'source' | 'change' | 'state' | 'configuration'>,
): SourceRevision => ({
  ...edited,
  revision: (last?.revision ?? 0) + 1,
  edited_at: new Date(clock()).toISOString(),
  edited_by,
});

const edit = async (deps: Pick<EditDeps, 'sources' | 'store'>, revision: SourceRevision): Promise<KnownSource> => {
  const { source: id } = revision;
  const isKept = await deps.store.editSource(revision);
  const current = await existing(deps, id);
  if (isKept) return current;
  throw new PreconditionFailed(
    `Somebody edited the source '${id}' at the same moment: it is at revision ${current.revision} now. Get it again and make your change anew.`,
  );
};

const shipped = ({ id }: KnownSource, what: 'changed' | 'deleted'): Conflict =>
  new Conflict(
    `The source '${id}' is shipped with this release and cannot be ${what} here: the next deployment would bring it back. Edit packages/sources/src/sources/${id}.yml and deploy, pause it (POST /v1/admin/sources/${id}/pause), or put a source of your own under another id.`,
  );
