import type { KeySketch } from '@granary/tabular/key-sketch';
import type { Dialect, Field } from '@granary/tabular/table';
import type {
  PendingVersion,
  PublishedVersion,
  RawObject,
  RowCounts,
  VersionFile,
  VersionProfile,
  WithheldVersion,
  WrittenVersion,
} from '../dataset.ts';
import { PublicationBusy, ReservationLost } from '../errors.ts';
import type { Catalog, DatasetDescription } from '../ports/catalog.ts';
import type { Clock, Random } from '../ports/collecting.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlCatalog } from '../ports/sql-catalog.ts';
import { dataPackage } from '../rules/data-package.ts';
import { versionPrefix } from '../rules/keys.ts';
import { implausibilities, type PlausibilityLimits } from '../rules/plausibility.ts';
import { randomWord } from '../rules/run-id.ts';
import { followPointer } from './follow-pointer.ts';
import { type Settled, settleVersions } from './settle-versions.ts';
import { deleteGivenUp, deleteObjects, writeObjects } from './version-objects.ts';

/** How long a reservation keeps others off. Its owner's next delivery need not wait for it. */
export const RESERVATION_MS = 60_000;

/** A publication takes a second or two: whoever finds one going on looks again soon. */
const LOOK_AGAIN_MS = 3_000;

export type LocalFile = VersionFile & { path: string };

/** A resource made into tables that lie in local files. */
export type Converted = {
  files: { 'data.parquet': LocalFile; 'data.csv.gz': LocalFile; 'quarantine.ndjson.gz': LocalFile };
  counts: RowCounts;
  fields: readonly Field[];
  key: readonly string[];
  dialect: Dialect;
  header: readonly string[];
  notes: readonly string[];
  profile: VersionProfile;
  /** All its keys, which are not kept. */
  keys: Pick<KeySketch, 'shareOf'>;
};

export type Publication = {
  dataset: DatasetDescription;
  run: string;
  part: number;
  raw: RawObject;
  parser_version: number;
  converted: Converted;
  /** Where the dataset has others than the default ones. */
  limits?: Partial<PlausibilityLimits>;
};

export type PublishDeps = {
  catalog: Catalog;
  objects: ObjectStore;
  /** The tables in SQL. */
  tables: SqlCatalog;
  clock: Clock;
  random: Random;
};
export type Published =
  | { outcome: 'published' | 'unchanged'; version: PublishedVersion }
  | { outcome: 'withheld'; version: WithheldVersion };

/**
 * Publishes tables as the next version of their dataset: reserve the number, write the objects to a folder of this attempt,
 * commit the version, advance the pointer, refresh the copies and the tables in SQL. Each step is one conditional or idempotent write, so that
 * readers see the old version or the new; after a crash anywhere the next call goes on from what it finds. Bytes that the
 * latest version was made of already (somebody else was faster) are `unchanged`, and a part publishes once: so is what another
 * delivery of it has published meanwhile. A version that is implausible beside the latest is held: committed, but the pointer stays where it is; so
 * is what was made of these bytes and held or rejected already (both are `withheld`).
 *
 * Throws PublicationBusy while another part holds the reservation, and ReservationLost when it was taken away again and again.
 */
export const publishVersion =
  (deps: PublishDeps) =>
  async (publication: Publication): Promise<Published> => {
    const settle = settleVersions(deps);
    for (let round = 0; round < 5; round++) {
      const settled = await settle(publication.dataset.id);
      if (settled.latest && (isSame(settled.latest, publication) || settled.latest.owner === ownerOf(publication))) {
        await followPointer(deps)(publication.dataset.id);
        return { outcome: 'unchanged', version: settled.latest };
      }
      const withheld = await withheldBefore(deps, settled, publication);
      if (withheld) return { outcome: 'withheld', version: withheld };
      const reserved = await reserve(deps, publication, settled);
      if (!reserved) continue;
      await deleteGivenUp(deps, reserved.dataset, reserved.version - 1);
      const version = await write(deps, publication, reserved, settled.latest);
      if (!(await deps.catalog.commit(version))) {
        await deleteObjects(deps.objects, version.prefix);
        continue;
      }
      if (version.state !== 'published') {
        if (settled.pending) await deleteObjects(deps.objects, prefixOf(settled.pending));
        return { outcome: 'withheld', version };
      }
      await deps.catalog.advance(version);
      await followPointer(deps)(publication.dataset.id);
      // Nobody can commit what the attempt before this one wrote: its reservation was replaced by ours.
      if (settled.pending) await deleteObjects(deps.objects, prefixOf(settled.pending));
      return { outcome: 'published', version };
    }
    throw new ReservationLost(`Other workers kept taking over the next version of '${publication.dataset.id}'`);
  };

/** Whether a version was made of these bytes by this parser: then there is nothing to publish. */
export const isSame = (version: WrittenVersion, by: { raw: { sha256: string }; parser_version: number }): boolean =>
  version.raw.sha256 === by.raw.sha256 && version.parser_version === by.parser_version;

/**
 * A version of these bytes by this parser that is held, or was rejected: they are not published then, and no other version is made of them. One that
 * is held and older than the latest can no longer be released, so that its bytes are judged anew.
 */
export const withheldBefore = async (
  { catalog }: Pick<PublishDeps, 'catalog'>,
  { latest, withheld }: Pick<Settled, 'latest' | 'withheld'>,
  by: { dataset: Pick<DatasetDescription, 'id'>; raw: { sha256: string }; parser_version: number },
): Promise<WithheldVersion | undefined> => {
  const newer = withheld.findLast((version) => isSame(version, by));
  if (newer) return newer;
  // A source may come back to what was rejected long ago.
  const known = latest ? await catalog.listWithheld(by.dataset.id, by.raw.sha256) : [];
  return known.find((version) => version.state === 'rejected' && isSame(version, by));
};

/** A part of a run, as its reservations and its version name it. */
export const ownerOf = ({ run, part }: { run: string; part: number }): string => `${run}/${part}`;

/** Undefined when somebody else was faster: look again. */
const reserve = async (
  { catalog, clock, random }: PublishDeps,
  { dataset, run, part }: Publication,
  { next, pending }: Settled,
): Promise<PendingVersion | undefined> => {
  const now = clock();
  const owner = ownerOf({ run, part });
  if (pending && pending.owner !== owner && Date.parse(pending.lease_until) > now) {
    const until = Math.min(Date.parse(pending.lease_until), now + LOOK_AGAIN_MS);
    throw new PublicationBusy(`Another worker is publishing '${dataset.id}'`, until);
  }
  const mine: PendingVersion = {
    dataset: dataset.id,
    version: next,
    state: 'pending',
    attempt: randomWord(random, 12),
    owner,
    lease_until: new Date(now + RESERVATION_MS).toISOString(),
    created_at: new Date(now).toISOString(),
  };
  const taken = pending ? await catalog.takeOver(pending.attempt, mine) : await catalog.reserve(mine);
  return taken ? mine : undefined;
};

const prefixOf = ({ dataset, version, attempt }: PendingVersion): string => versionPrefix(dataset, version, attempt);

const write = async (
  { objects, clock }: PublishDeps,
  { dataset, run, raw, parser_version, converted, limits }: Publication,
  reserved: PendingVersion,
  latest: PublishedVersion | undefined,
): Promise<WrittenVersion> => {
  const { files, keys, ...found } = converted;
  const at = new Date(clock()).toISOString();
  const descriptor = dataPackage({
    dataset,
    version: reserved.version,
    created: at,
    fields: found.fields,
    key: found.key,
    raw,
    counts: found.counts,
    files,
  });
  const prefix = prefixOf(reserved);
  const written = await writeObjects(objects, prefix, files, descriptor);
  const version = {
    dataset: dataset.id,
    version: reserved.version,
    attempt: reserved.attempt,
    owner: reserved.owner,
    created_at: reserved.created_at,
    prefix,
    raw,
    parser_version,
    files: written,
    ...found,
    run,
  };
  const reasons = implausibilities(version, latest, { keys, limits, year: new Date(at).getUTCFullYear() });
  if (reasons.length === 0) return { ...version, state: 'published', published_at: at };
  return { ...version, state: 'held', held: { at, reasons, compared_with: latest?.version ?? null } };
};
