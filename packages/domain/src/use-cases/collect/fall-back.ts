import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenVersion } from '../../dataset.ts';
import { GranaryError, RefusedContent, SourceRefused } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import type { PublishDeps } from '../publish/publish-next.ts';
import type { Settled } from '../publish/settle-versions.ts';
import type { AskDeps } from './ask-source.ts';
import { hearOpinion, observed } from './hear-opinion.ts';
import { settleTable } from './known-tables.ts';
import { withTables } from './open-tables.ts';
import type { TablesPublished } from './publish-tables.ts';
import { unpackRaw } from './stored-resource.ts';

type Deps = PublishDeps & AskDeps & { tmpdir: string };

/** Whether a resource is not there, or is no file of its kind: asking again gives nothing else. */
const isGoneOrRefused = (error: unknown): error is GranaryError => {
  if (error instanceof RefusedContent) return true;
  const status = error instanceof SourceRefused ? error.answer?.status : undefined;
  return status === 404 || status === 410;
};

/** The resource, or its fallback, that bytes were fetched from. */
export const fetchedFrom = (source: SourceDefinition, resource: Resource, url: string): Resource => {
  const fallback = source.fallback?.(resource);
  return fallback?.url === url ? fallback : resource;
};

/**
 * The newest version of a dataset, also one that was not published, where its source's second opinion says the same as
 * it and nothing newer: then the fallback, which takes many requests, need not be read again. One request.
 */
const versionThatStands = async (
  deps: Deps,
  { source, resource }: { source: SourceDefinition; resource: Resource },
  { latest, withheld }: Settled,
  onRequest: () => void,
): Promise<WrittenVersion | undefined> => {
  const opinion = source.secondOpinion?.(resource);
  const newest = withheld.at(-1) ?? latest;
  if (!opinion || !newest || newest.parser_version !== source.parser_version) return undefined;
  const { raw, header, fields } = newest;
  const path = join(deps.tmpdir, `granary-raw-${randomUUID()}`);
  try {
    await unpackRaw(deps.objects, raw, path);
    const message = { resource: fetchedFrom(source, resource, raw.url) };
    await withTables({ source, message, path }, deps.tmpdir, async ([table]) => {
      const options = { processing_date: raw.fetched_at.slice(0, 10), previous_header: header, fields };
      const nowhere = { begin() {}, rows() {}, quarantine() {} };
      await observed(table!.read, opinion)(options, nowhere);
    });
  } finally {
    await rm(path, { force: true });
  }
  const { heard, newest: isNewest } = await hearOpinion(deps)(source, opinion, onRequest);
  return isNewest && heard.compared > 0 && heard.differing === 0 ? newest : undefined;
};

export type ResourceReading = {
  source: SourceDefinition;
  message: CollectMessage;
  onRequest(): void;
  /** Fetches a resource and publishes its tables. */
  read(message: CollectMessage): Promise<TablesPublished & { absent?: boolean }>;
};

/**
 * Reads a resource, or what is declared to be read in its place when it is gone or refused. That it is so is said all
 * the same, as a failure.
 */
export const orFallBack =
  (deps: Deps) =>
  async ({ source, message, onRequest, read }: ResourceReading): ReturnType<ResourceReading['read']> => {
    const { resource } = message;
    const fallback = source.fallback?.(resource);
    if (!fallback) return read(message);
    const tried = await read(message).catch((error: unknown): TablesPublished => {
      if (!isGoneOrRefused(error)) throw error;
      return { versions: [], failed: [{ dataset: resource.dataset, error }] };
    });
    const [failure] = tried.failed;
    if (!failure || !isGoneOrRefused(failure.error)) return tried;
    const { error } = failure;
    try {
      const stood = await settleTable(deps.catalog, { source, resource }, resource.dataset);
      const standing = await versionThatStands(deps, { source, resource }, stood, onRequest);
      const hints = { ...fallback.hints };
      const instead = standing
        ? { versions: [standing], failed: [] }
        : await read({ ...message, resource: { ...fallback, hints } });
      const same = standing ? `, and says the same as version ${standing.version}` : '';
      error.message = `${error.message} ${fallback.url} was read instead${same}.`;
      return { ...instead, failed: [failure, ...instead.failed] };
    } catch (other) {
      if (!(other instanceof GranaryError) || other.decision !== 'stop') throw other;
      error.message = `${error.message} Nor could ${fallback.url} be read instead: ${other.message}`;
      throw error;
    }
  };
