import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { REFUSAL_LENGTH, type WithheldVersion, type WrittenVersion } from '../../dataset.ts';
import { InvalidRequest, RefusedContent, SourceRefused, VersionHeld } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { ResourceRecord } from '../../resource-record.ts';
import { addCounts } from '../../rules/run-end.ts';
import { NO_COUNTS, type RunCounts } from '../../run.ts';
import type { SourceDefinition } from '../../source.ts';
import { resourceId } from '../publish/describe-dataset.ts';
import type { PublishDeps } from '../publish/publish-next.ts';
import { ownerOf } from '../publish/publish-version.ts';
import type { Settled } from '../publish/settle-versions.ts';
import { RUN_LEASE_MS } from '../runs/plan-run.ts';
import { succeedPart } from '../runs/succeed-part.ts';
import type { FindSource } from '../sources/known-sources.ts';
import type { AskDeps } from './ask-source.ts';
import { believeMessage } from './believe-message.ts';
import { orFallBack } from './fall-back.ts';
import { fetchResource } from './fetch-resource.ts';
import { knownTables, settleTable } from './known-tables.ts';
import { publishTables, type TableFailure, type TablesPublished } from './publish-tables.ts';
import { complete, decidedVersion, ownVersion } from './standing-version.ts';
import { storeRaw } from './store-raw.ts';
import { tellHad } from './tell-checked.ts';
import { beginWork, type SeenResource, type WorkSoFar } from './work-so-far.ts';

export type CollectResourceDeps = PublishDeps &
  AskDeps & {
    findSource: FindSource;
    /** Where a source is read, as its planner knows it. */
    baseUrl: (source: SourceDefinition) => string;
    runs: RunStore;
    resources: ResourceStore;
    /** A folder for files that live as long as a delivery. */
    tmpdir: string;
  };

export type Collected = {
  decision: 'done';
  /** `absent`: it is not there yet. */
  outcome: 'published' | 'unchanged' | 'absent' | 'ended-before';
  /** One for each of its tables. */
  versions: readonly WrittenVersion[];
  /** `<dataset>@<version>` of those that this part published. */
  published: readonly string[];
  counts: RunCounts;
};

/**
 * The work of one message: fetch one resource, keep its bytes, make its tables, publish them, end the part of the run.
 * Idempotent: a part that ended already is left alone, and everything else goes on from what an earlier delivery left.
 * `work` is what was done so far, also where this throws; `memory_gb` is the memory that the work has, which it costs.
 * Throws VersionHeld when a version that it made is held, and what keeps a table from being published, such as
 * RefusedContent: the other tables are published all the same. Bytes whose version was held, rejected or passed over
 * before leave everything `unchanged`.
 */
export const collectResource =
  (deps: CollectResourceDeps) =>
  async (message: CollectMessage, work: WorkSoFar = beginWork(), memory_gb = 0): Promise<Collected> => {
    const known = await believeMessage(deps)(message);
    return workOnce(deps)(message, work, memory_gb, async () => {
      if (!known) throw new InvalidRequest(`There is no source '${message.source}'`);
      const record = await deps.resources.getRecord(known.id, resourceId(message.resource));
      const source = record?.contract ? { ...known, contract: { ...known.contract, ...record.contract } } : known;
      const seen: SeenResource = { source, record, status: null, response_ms: null };
      work.seen = seen;
      const read = (of: CollectMessage) => bringUpToDate(deps, source, of, work);
      const onRequest = () => {
        work.requests += 1;
      };
      const published = await orFallBack(deps)({ source, message, onRequest, read }).catch(async (error: unknown) => {
        if (error instanceof RefusedContent) await tellRefused(deps, await failuresOf(deps, source, message, error));
        throw error;
      });
      for (const { dataset } of published.versions)
        await deps.catalog.checked(dataset, new Date(deps.clock()).toISOString());
      await tellRefused(deps, published.failed);
      noteHad(seen, message, published);
      if (seen.had && source.listing?.whole) work.resources = { [seen.had.state]: 1 };
      if (published.failed.length === 0) await tellHad(deps, message.resource, seen);
      return published;
    });
  };

/** Notes whose tables stand, as a part that has published them or found them unchanged. */
const noteHad = (seen: SeenResource, message: Part, { versions }: TablesPublished): void => {
  if (!versions.some(({ state }) => state === 'published')) return;
  const state = versions.some(({ owner }) => owner === ownerOf(message)) ? 'published' : 'unchanged';
  seen.had = { state, datasets: versions.map(({ dataset }) => dataset) };
};

/** A file that is refused as a whole fails each dataset that it became before, or would have become. */
const failuresOf = async (
  { catalog }: CollectResourceDeps,
  source: SourceDefinition,
  { resource }: CollectMessage,
  error: RefusedContent,
): Promise<TableFailure[]> => {
  const known = await knownTables(catalog, { source, resource });
  const living = known.filter(({ gone_at }) => gone_at === undefined).map(({ dataset }) => dataset);
  return (living.length > 0 ? living : [resource.dataset]).map((dataset) => ({ dataset, error }));
};

/**
 * Keeps with the datasets why their files cannot be read. It comes before the part ends, so that a delivery that dies
 * between the two is tried again and says it then.
 */
const tellRefused = async (
  { catalog, clock }: Pick<CollectResourceDeps, 'catalog' | 'clock'>,
  failures: readonly TableFailure[],
): Promise<void> => {
  const at = new Date(clock()).toISOString();
  for (const { dataset, error } of failures)
    if (error instanceof RefusedContent)
      await catalog.refused(dataset, { reason: error.message.slice(0, REFUSAL_LENGTH), at });
};

/** A part that a worker makes versions for. */
type Part = { run: string; part: number };
type BroughtUpToDate = TablesPublished & { absent?: boolean };

/** Does the work of a part, unless that has ended, and ends it with what came of it. */
export const workOnce =
  ({ runs, clock }: Pick<CollectResourceDeps, 'runs' | 'clock'>) =>
  async (
    message: Part,
    work: WorkSoFar,
    memory_gb: number,
    publish: () => Promise<BroughtUpToDate>,
  ): Promise<Collected> => {
    const begun = clock();
    const iso = () => new Date(clock()).toISOString();
    // One that failed was redriven, and is worked on again.
    if ((await runs.partState(message.run, message.part)) === 'ended') {
      await runs.settle(message.run, iso());
      return { decision: 'done', outcome: 'ended-before', versions: [], published: [], counts: NO_COUNTS };
    }
    await runs.extendLease(message.run, new Date(begun + RUN_LEASE_MS).toISOString());
    const { versions, failed, absent = false } = await publish();
    // An earlier delivery of this part may have published a version and died before it could say so.
    const own = versions.filter(({ owner }) => owner === ownerOf(message));
    countPublished(work, own);
    const held = own.filter((version): version is WithheldVersion => version.state !== 'published');
    throwFailures(work, [...held.map((version) => ({ ...version, error: heldVersion(version) })), ...failed]);
    const counts = { ...work.counts, requests: work.requests, unchanged: own.length > 0 || absent ? 0 : 1 };
    const { versions: made, resources } = work;
    const gb_ms = (clock() - begun) * memory_gb;
    const outcome = { part: message.part, counts, versions: made, gb_ms, ...(resources && { resources }) };
    await succeedPart(runs)(message.run, outcome, iso());
    const done = own.length > 0 ? 'published' : absent ? 'absent' : 'unchanged';
    return { decision: 'done', outcome: done, versions, published: work.versions, counts };
  };

/** What counts of the versions that are a part's own, whether or not its work ends well. */
export const countPublished = (work: WorkSoFar, own: readonly WrittenVersion[]): void => {
  const published = own.filter(({ state }) => state === 'published');
  work.counts = published.reduce((sum, version) => addCounts(sum, { ...NO_COUNTS, ...version.counts }), NO_COUNTS);
  work.versions = published.map(({ dataset, version }) => `${dataset}@${version}`);
};

/** The reasons are shortened to what a run keeps of an error; the version has them whole. */
const heldVersion = ({ dataset, version, held }: WithheldVersion): VersionHeld =>
  new VersionHeld(
    `Version ${version} of '${dataset}' is held and not published. ${held.reasons.join(' ')} An operator looks at it and releases or rejects it (docs/held-versions.md).`,
    version,
  );

/**
 * What befell some tables, as one error: that of a held version before others, since somebody has to decide, and one
 * that is a fault of ours before one of the file.
 */
const throwFailures = (work: WorkSoFar, failures: readonly TableFailure[]): void => {
  work.failures = failures.map(({ error }) => error);
  const isRefused = ({ error }: TableFailure): boolean => error instanceof RefusedContent;
  const isHeld = ({ error }: TableFailure): boolean => error instanceof VersionHeld;
  const first = failures.find(isHeld) ?? failures.find((failure) => !isRefused(failure)) ?? failures[0];
  if (!first) return;
  work.dataset = first.dataset;
  const { error } = first;
  if (failures.length > 1)
    error.message = [error, ...work.failures.filter((one) => one !== error)].map(({ message }) => message).join(' ');
  throw error;
};

/** The versions that stand for what the source holds now, published here or before. */
const bringUpToDate = async (
  deps: CollectResourceDeps,
  source: SourceDefinition,
  message: CollectMessage,
  work: WorkSoFar,
): Promise<BroughtUpToDate> => {
  const { resource } = message;
  const known = await knownTables(deps.catalog, { source, resource });
  const settled = new Map<string, Settled>();
  const living = known.filter(({ gone_at }) => gone_at === undefined).map(({ dataset }) => dataset);
  for (const dataset of living) settled.set(dataset, await settleTable(deps.catalog, { source, resource }, dataset));
  // An earlier delivery published and died before it could say so: whatever the source says by now, this part has done
  // its work.
  const own = await allOf(settled, (stood) => ownVersion(deps, stood, ownerOf(message)));
  if (own) return { versions: own, failed: [] };

  const conditions = sameOrigin([...settled.values()], source.parser_version, resource.url);
  const onRequest = () => {
    work.requests += 1;
  };
  const seen = work.seen!;
  const refused = refusedBefore(seen.record, source, resource.url);
  const { etag, last_modified } = refused ?? conditions ?? {};
  const about = { etag, last_modified, previous: conditions, onRequest };
  const checks = [...settled.values()].flatMap(({ dataset }) => dataset?.checked_at ?? []);
  const checked_at = checks.sort().at(-1) ?? null;
  const asked = deps.clock();
  const fetching = fetchResource(deps)({ source, resource, part: message, checked_at, ...about }).finally(() => {
    seen.response_ms = deps.clock() - asked;
  });
  const file = await (resource.expected && living.length === 0 ? fetching.catch(unlessAbsent) : fetching);
  if (file === 'absent') return { versions: [], failed: [], absent: true };
  seen.status = file.status === 'not-modified' ? 304 : 200;
  if (refused && (file.status === 'not-modified' || file.sha256 === refused.sha256)) {
    if (file.status === 'fetched') await rm(file.path, { force: true });
    seen.bytes = refused;
    throw new RefusedContent(refused.reason);
  }
  if (file.status === 'not-modified') {
    const versions = await allOf(settled, ({ latest }) => complete(deps, latest!));
    return { versions: versions!, failed: [] };
  }
  const { sha256, etag: new_etag, last_modified: new_date } = file;
  const { parser_version } = source;
  seen.bytes = { url: resource.url, sha256, etag: new_etag, last_modified: new_date, by: readerOf(source) };
  try {
    const raw = await storeRaw(deps)(resource.dataset, resource.url, file);
    const by = { raw, parser_version };
    const decided = await allOf(settled, (stood, dataset) => decidedVersion(deps, stood, { dataset, ...by }));
    if (decided) return { versions: decided, failed: [] };
    const onVersions = (versions: readonly WrittenVersion[]) =>
      countPublished(
        work,
        versions.filter(({ owner }) => owner === ownerOf(message)),
      );
    return await publishTables(deps)({ source, message, path: file.path, raw, known, settled, onRequest, onVersions });
  } finally {
    await rm(file.path, { force: true });
  }
};

/** What refuses a file: the kind's reader, and what is declared. */
const readerOf = ({ parser_version, datasets, contract, max_bytes }: SourceDefinition): string =>
  createHash('sha256')
    .update(JSON.stringify([parser_version, datasets, contract, max_bytes]))
    .digest('hex');

/**
 * Bytes of that address that the same reader refused when it was last looked at. Where not all resources are listed, a
 * source's configuration may say how a file is read, and an operator may just have mended that.
 */
const refusedBefore = (record: ResourceRecord | undefined, source: SourceDefinition, url: string) => {
  const refused = record?.refused;
  return source.listing?.whole && refused?.url === url && refused.by === readerOf(source) ? refused : undefined;
};

const unlessAbsent = (error: unknown): 'absent' => {
  const status = error instanceof SourceRefused ? error.answer?.status : undefined;
  if (status === 404 || status === 410) return 'absent';
  throw error;
};

/** What each gives; undefined as soon as one gives nothing, or where there is none. */
const allOf = async (
  settled: ReadonlyMap<string, Settled>,
  of: (stood: Settled, dataset: string) => Promise<WrittenVersion | undefined>,
): Promise<WrittenVersion[] | undefined> => {
  const all: WrittenVersion[] = [];
  for (const [dataset, stood] of settled) {
    const version = await of(stood, dataset);
    if (!version) return undefined;
    all.push(version);
  }
  return all.length > 0 ? all : undefined;
};

/** The file that all were made of by this parser, from that address: only then may "not modified" be the answer. */
const sameOrigin = (settled: readonly Settled[], parser_version: number, url: string) => {
  const raws = settled.map(({ latest }) => (latest?.parser_version === parser_version ? latest.raw : undefined));
  const [first] = raws;
  return first?.url === url && raws.every((raw) => raw?.sha256 === first.sha256 && raw.url === url) ? first : undefined;
};
