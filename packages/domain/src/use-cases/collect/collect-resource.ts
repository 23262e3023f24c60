import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedVersion, WithheldVersion, WrittenVersion } from '../../dataset.ts';
import { InvalidRequest, VersionHeld } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { NO_COUNTS, type RunCounts } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { decidedBefore, isSame } from '../publish/decided-before.ts';
import { definitionOf, describe } from '../publish/describe-dataset.ts';
import { followPointer } from '../publish/follow-pointer.ts';
import type { PublishDeps } from '../publish/publish-next.ts';
import { ownerOf, publishVersion } from '../publish/publish-version.ts';
import { settleVersions } from '../publish/settle-versions.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { succeedPart } from '../runs/succeed-part.ts';
import { type AskDeps, askSource } from './ask-source.ts';
import { believeMessage } from './believe-message.ts';
import { convertResource } from './convert-resource.ts';
import { storeRaw } from './store-raw.ts';

export type CollectResourceDeps = PublishDeps &
  AskDeps & {
    sourceById: (id: string) => SourceDefinition | undefined;
    /** Where a source is read, as its planner knows it. */
    baseUrl: (source: SourceDefinition) => string;
    runs: RunStore;
    /** A folder for files that live as long as a delivery. */
    tmpdir: string;
  };

export type Collected = {
  decision: 'done';
  outcome: 'published' | 'unchanged' | 'ended-before';
  version: WrittenVersion | undefined;
  counts: RunCounts;
};

/**
 * The work of one message: fetch one resource, keep its bytes, make its tables, publish them, end the part of the run.
 * Idempotent: a part that ended already is left alone, and everything else goes on from what an earlier delivery left.
 * `onRequest` is called before each request that goes to the source; `memory_gb` is the memory that the work has, which
 * it costs. Throws VersionHeld when the version that it made
 * is held; one of the same bytes that was held, rejected or passed over before leaves everything `unchanged`.
 */
export const collectResource =
  (deps: CollectResourceDeps) =>
  async (message: CollectMessage, onRequest: () => void = () => {}, memory_gb = 0): Promise<Collected> => {
    const { runs, clock } = deps;
    const begun = clock();
    const iso = () => new Date(clock()).toISOString();
    await believeMessage(deps)(message);
    // One that failed was redriven, and is worked on again.
    if ((await runs.partState(message.run, message.part)) === 'ended') {
      await runs.settle(message.run, iso());
      return { decision: 'done', outcome: 'ended-before', version: undefined, counts: NO_COUNTS };
    }
    await runs.extendLease(message.run, new Date(begun + RUN_LEASE_MS).toISOString());
    let requests = 0;
    const version = await bringUpToDate(deps, message, () => {
      requests += 1;
      onRequest();
    });
    await deps.catalog.checked(message.resource.dataset, iso());
    // An earlier delivery of this part may have published the version and died before it could say so.
    const published = version.owner === ownerOf(message);
    const counts = { ...NO_COUNTS, requests, ...(published ? version.counts : { unchanged: 1 }) };
    if (version.state !== 'published' && published) throw heldVersion(version);
    const versions = published ? [`${version.dataset}@${version.version}`] : [];
    const outcome = { part: message.part, counts, versions, gb_ms: (clock() - begun) * memory_gb };
    await succeedPart(runs)(message.run, outcome, iso());
    return { decision: 'done', outcome: published ? 'published' : 'unchanged', version, counts };
  };

/** The reasons are shortened to what a run keeps of an error; the version has them whole. */
const heldVersion = ({ dataset, version, held }: WithheldVersion): VersionHeld =>
  new VersionHeld(
    `Version ${version} of '${dataset}' is held and not published. ${held.reasons.join(' ')} An operator looks at it and releases or rejects it (docs/held-versions.md).`,
    version,
  );

/** The version that stands for what the source holds now, published here or before. */
const bringUpToDate = async (
  deps: CollectResourceDeps,
  message: CollectMessage,
  onRequest: () => void,
): Promise<WrittenVersion> => {
  const { resource } = message;
  const source = deps.sourceById(message.source);
  if (!source) throw new InvalidRequest(`There is no source '${message.source}'`);
  const definition = definitionOf(source, resource);
  const settled = await settleVersions(deps)(resource.dataset);
  const { latest } = settled;
  // An earlier delivery published and died before it could say so: whatever the source says by now, this part has done
  // its work.
  if (latest?.owner === ownerOf(message)) return unchanged(deps, latest);
  const mine = settled.withheld.find(({ owner }) => owner === ownerOf(message));
  if (mine) return mine;

  // Only what this parser made of these bytes may be answered with "not modified".
  const known =
    latest?.parser_version === source.parser_version && latest.raw.url === resource.url ? latest : undefined;
  const { etag, last_modified } = known?.raw ?? {};
  const file = await askSource(deps)({
    url: resource.url,
    accept: source.accept,
    source,
    etag,
    last_modified,
    onRequest,
  });
  if (file.status === 'not-modified') return unchanged(deps, known!);

  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(deps.tmpdir, 'granary-collect-'));
    const raw = await storeRaw(deps)(resource.dataset, resource.url, file);
    const by = { raw, parser_version: source.parser_version };
    if (latest && isSame(latest, by)) return await unchanged(deps, latest);
    const decided = await decidedBefore(deps, settled, { dataset: resource.dataset, ...by });
    // What was passed over stands for these bytes, and the latest is what has to be complete.
    if (decided) return decided.state === 'published' ? await unchanged(deps, decided) : decided;
    const processing_date = raw.fetched_at.slice(0, 10);
    const converted = await convertResource({
      source,
      definition,
      resource,
      path: file.path,
      folder,
      processing_date,
      previous_header: latest?.header,
    });
    const dataset = describe(source, resource);
    const { run, part } = message;
    const { limits } = definition.plausible ?? {};
    const { version } = await publishVersion(deps)({ dataset, run, part, converted, limits, ...by });
    return version;
  } finally {
    for (const path of [file.path, folder]) if (path) await rm(path, { recursive: true, force: true });
  }
};

const unchanged = async (deps: CollectResourceDeps, version: PublishedVersion): Promise<PublishedVersion> => {
  await followPointer(deps)(version.dataset);
  return version;
};
