import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawObject } from '../../dataset.ts';
import { InvalidRequest, NotFound } from '../../errors.ts';
import type { ReplayMessage } from '../../messages/collect.ts';
import { ownerOf } from '../publish/publish-version.ts';
import type { Settled } from '../publish/settle-versions.ts';
import { believeReplay } from './believe-message.ts';
import { type Collected, type CollectResourceDeps, countPublished, workOnce } from './collect-resource.ts';
import { fetchedFrom } from './fall-back.ts';
import { knownTables, settleTable } from './known-tables.ts';
import { publishTables, type TablesPublished } from './publish-tables.ts';
import { rebuildVersion } from './rebuild-version.ts';
import { type Replayed, resourceOf, unpackRaw } from './stored-resource.ts';
import { beginWork, type WorkSoFar } from './work-so-far.ts';

/**
 * The work of a replay: makes the dataset again of the newest bytes that became a version of it, or of another table of
 * its file (one that is held counts, one that was rejected does not), by the present parser and contract, and publishes
 * what differs. Other tables of the file are made again with it. The source is not asked. A message with a version
 * publishes nothing: it compares ({@link rebuildVersion}).
 */
export const replayDataset =
  (deps: CollectResourceDeps) =>
  async (message: ReplayMessage, work: WorkSoFar = beginWork(), memory_gb = 0): Promise<Collected> => {
    await believeReplay(deps, message);
    return workOnce(deps)(message, work, memory_gb, async () => {
      const replayed = await replayedOf(deps, message);
      if (message.version === undefined) return publishAgain(deps, replayed, work);
      await rebuildVersion(deps)(replayed, message.version);
      return { versions: [], failed: [] };
    });
  };

const replayedOf = async (deps: CollectResourceDeps, message: ReplayMessage): Promise<Replayed> => {
  const { run, part, enqueued_at } = message;
  const source = await deps.findSource(message.source);
  if (!source) throw new InvalidRequest(`There is no source '${message.source}'`);
  const dataset = await deps.catalog.getDataset(message.dataset);
  if (!dataset) throw new NotFound(`There is no dataset '${message.dataset}'`);
  const year = new Date(deps.clock()).getUTCFullYear();
  const resource = resourceOf(source, { base_url: deps.baseUrl(source), year }, dataset);
  const named = { ...resource, hints: { ...resource.hints } };
  return { source, dataset, message: { type: 'collect', run, part, source: source.id, resource: named, enqueued_at } };
};

const publishAgain = async (
  deps: CollectResourceDeps,
  { source, dataset, message }: Replayed,
  work: WorkSoFar,
): Promise<TablesPublished> => {
  const { resource } = message;
  const known = await knownTables(deps.catalog, { source, resource });
  const settled = new Map<string, Settled>();
  for (const { dataset: id, gone_at } of known)
    if (gone_at === undefined) settled.set(id, await settleTable(deps.catalog, { source, resource }, id));
  const raw = newestRaw([...settled.values()]);
  if (!raw)
    throw new NotFound(
      `There are no stored bytes of '${dataset.id}' to make it of: no version of it was made yet, or its source no longer holds it.`,
    );
  const path = join(deps.tmpdir, `granary-raw-${randomUUID()}`);
  try {
    await unpackRaw(deps.objects, raw, path);
    return await publishTables(deps)({
      ...{ source, path, raw, known, settled, replays: true },
      message: { ...message, resource: fetchedFrom(source, resource, raw.url) },
      onVersions: (versions) =>
        countPublished(
          work,
          versions.filter(({ owner }) => owner === ownerOf(message)),
        ),
    });
  } finally {
    await rm(path, { force: true });
  }
};

/** Of what these datasets were made last: tables of one file are made of the newest, whatever befell some of them. */
const newestRaw = (settled: readonly Settled[]): RawObject | undefined => {
  const raws = settled.flatMap(
    ({ latest, withheld }) => (withheld.findLast(({ state }) => state === 'held') ?? latest)?.raw ?? [],
  );
  return raws.sort((a, b) => (a.fetched_at < b.fetched_at ? 1 : -1))[0];
};
