import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawObject, WrittenVersion } from '../../dataset.ts';
import { GranaryError, RefusedContent } from '../../errors.ts';
import type { CollectMessage } from '../../messages/collect.ts';
import type { KnownTable } from '../../resource.ts';
import type { SourceDefinition } from '../../source.ts';
import { definitionOf, describe } from '../publish/describe-dataset.ts';
import type { PublishDeps } from '../publish/publish-next.ts';
import { ownerOf, publishVersion } from '../publish/publish-version.ts';
import type { Settled } from '../publish/settle-versions.ts';
import type { AskDeps } from './ask-source.ts';
import { convertTable } from './convert-table.ts';
import { observed, opinionBefore, opinionOnVersion } from './hear-opinion.ts';
import { type AssignedTable, assignDatasets, claimDataset, keepTables, markGone, settleTable } from './known-tables.ts';
import { type TableOfFile, withTables } from './open-tables.ts';
import { ownVersion, standingVersion } from './standing-version.ts';

export type FetchedResource = {
  source: SourceDefinition;
  message: CollectMessage;
  /** The file, and its bytes as they are kept. */
  path: string;
  raw: RawObject;
  /** What the resource held before, and where those datasets stand. */
  known: readonly KnownTable[];
  settled: ReadonlyMap<string, Settled>;
  /** The bytes became versions before; what comes out now is published where it differs. */
  replays?: true;
  /** Told of each request for a second opinion. */
  onRequest?: () => void;
  /** Told of all versions so far, one more each time: a later table may fail in a way that ends the work. */
  onVersions?: (versions: readonly WrittenVersion[]) => void;
};

export type TableFailure = { dataset: string; error: GranaryError };

export type TablesPublished = {
  versions: readonly WrittenVersion[];
  /** Tables of which no version can be made, however often it is tried. The others are published all the same. */
  failed: readonly TableFailure[];
};

/**
 * Publishes each table of a file as the next version of its dataset, one after the other, so that the disk holds one at
 * a time. Tables that the file no longer holds are marked as gone after the first table was read and before it is
 * published: once it is published, a later delivery finds its work done and would not mark them. Throws RefusedContent
 * for what is no file of its kind.
 */
export const publishTables =
  (deps: Deps) =>
  (fetched: FetchedResource): Promise<TablesPublished> =>
    withTables(fetched, deps.tmpdir, (found) => publishEach(deps, fetched, found));

type Deps = PublishDeps & AskDeps & { tmpdir: string };

const publishEach = async (
  deps: Deps,
  fetched: FetchedResource,
  found: readonly TableOfFile[],
): Promise<TablesPublished> => {
  const { source, message, raw, known } = fetched;
  const { catalog } = deps;
  const { resource } = message;
  const of = { source, resource };
  const at = raw.fetched_at;
  // Callers settled the datasets that were not gone. One that was gone may be back.
  const settled = new Map(fetched.settled);
  for (const { dataset } of known)
    if (!settled.has(dataset)) settled.set(dataset, await settleTable(catalog, of, dataset));
  const headerOf = (dataset: string) => settled.get(dataset)?.latest?.header;
  const { tables, gone } = assignDatasets(of, known, found, { headerOf, at });
  let kept: readonly KnownTable[] | undefined;
  const named: KnownTable[] = [...tables];
  /** Stored before the first version, so that a later delivery assigns the same datasets. */
  const keep = async (): Promise<void> => {
    const isFirst = kept === undefined;
    kept = await keepTables(catalog, of, kept ?? known, [...named, ...gone]);
    if (isFirst) await markGone(catalog, of, kept, at);
  };
  const versions: WrittenVersion[] = [];
  const failed: TableFailure[] = [];
  for (const [index, table] of tables.entries()) {
    const claim = async (): Promise<AssignedTable> => {
      const claimed = await claimDataset(catalog, of, table);
      named[index] = claimed;
      await keep();
      return claimed;
    };
    try {
      versions.push(await publishTable(deps, { ...fetched, settled }, table, { claim, bytes: found[index]!.bytes }));
      fetched.onVersions?.(versions);
    } catch (error) {
      if (!(error instanceof GranaryError && error.decision === 'stop')) throw error;
      failed.push({ dataset: table.dataset, error: tables.length === 1 ? error : ofTable(table, error) });
    }
  }
  if (versions.length > 0) await keep();
  return { versions, failed };
};

/** Says which table was refused. Messages of other errors name the dataset already. */
const ofTable = ({ name, title }: AssignedTable, error: GranaryError): GranaryError =>
  error instanceof RefusedContent ? new RefusedContent(`Table '${title ?? name}': ${error.message}`) : error;

const heardBefore = (stood: Settled | undefined, { sha256 }: RawObject) =>
  opinionBefore([...(stood?.latest ? [stood.latest] : []), ...(stood?.withheld ?? [])], sha256);

const publishTable = async (
  deps: Deps,
  { source, message, raw, settled, replays, onRequest = () => {} }: FetchedResource,
  table: AssignedTable,
  { claim, bytes }: { claim: () => Promise<AssignedTable>; bytes: number },
): Promise<WrittenVersion> => {
  const { resource, run, part } = message;
  const by = { raw, parser_version: source.parser_version };
  const stood = settled.get(table.dataset);
  const owner = ownerOf(message);
  const standing =
    stood &&
    (await (replays
      ? ownVersion(deps, stood, owner)
      : standingVersion(deps, stood, owner, { dataset: table.dataset, ...by })));
  if (standing) return standing;
  const folder = await mkdtemp(join(deps.tmpdir, 'granary-collect-'));
  try {
    const definition = definitionOf(source, resource, table);
    const processing_date = raw.fetched_at.slice(0, 10);
    const { header: previous_header, fields: previous_fields } = stood?.latest ?? {};
    const opinion = source.secondOpinion?.(resource);
    const read = opinion && !replays ? observed(table.read, opinion) : table.read;
    const before = { previous_header, previous_fields };
    const table_read = await convertTable({ definition, read, folder, bytes, processing_date, ...before });
    const heard =
      opinion && (replays ? heardBefore(stood, raw) : await opinionOnVersion(deps)(source, opinion, onRequest));
    const converted = { ...table_read, ...heard, notes: [...table_read.notes, ...(heard?.notes ?? [])] };
    const dataset = describe(source, resource, await claim());
    const { contract, fields: declared, plausible } = definition;
    const judged = { limits: plausible?.limits, contract, declared, replays };
    const { version } = await publishVersion(deps)({ dataset, run, part, converted, ...judged, ...by });
    return version;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
