import { createHash } from 'node:crypto';
import type { Dataset, DatasetId } from '../../dataset.ts';
import { InvalidRequest, RefusedContent } from '../../errors.ts';
import type { Catalog, CatalogReader } from '../../ports/catalog.ts';
import type { FoundTable } from '../../reading.ts';
import { type KnownTable, MOST_TABLES } from '../../resource.ts';
import { assignTables } from '../../rules/assign-tables.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { describe, resourceId, resourceName } from '../publish/describe-dataset.ts';
import { type Settled, settleVersions } from '../publish/settle-versions.ts';

/** The name of a table that is the only one of its file, and never was anything else. */
const ONLY = '1';

type Of = { source: SourceDefinition; resource: Resource };

/** Whether a dataset is made of the resource. Releases before 2026-12 kept of which source it is, and no more. */
const isOwn = ({ source, resource }: Of, dataset: Dataset): boolean =>
  dataset.source === source.id &&
  (dataset.resource === undefined || dataset.resource === resourceName(source, resource));

/**
 * Where the dataset of a table stands ({@link settleVersions}). A dataset that another resource has taken counts as
 * none: a table that could not be read keeps the id that it was to get, and that id may be taken by now.
 */
export const settleTable = async (
  catalog: Parameters<typeof settleVersions>[0]['catalog'],
  of: Of,
  id: DatasetId,
): Promise<Settled> => {
  const settled = await settleVersions({ catalog })(id);
  if (!settled.dataset || isOwn(of, settled.dataset)) return settled;
  return { dataset: undefined, latest: undefined, withheld: [], next: 1, pending: undefined };
};

/**
 * Marks datasets of a resource as gone when none of its tables becomes them any more: tables that it held before, and
 * the dataset that was described before its file was read. Never marks a dataset of another resource.
 */
export const markGone = async (
  catalog: Pick<Catalog, 'getDataset' | 'gone'>,
  of: Of,
  tables: readonly KnownTable[],
  at: string,
): Promise<void> => {
  const ids = tables.filter(({ gone_at }) => gone_at !== undefined).map(({ dataset }) => dataset);
  const stem = of.resource.dataset;
  if (!tables.some(({ dataset }) => dataset === stem)) ids.push(stem);
  for (const id of ids) {
    const dataset = await catalog.getDataset(id);
    if (dataset && dataset.gone_at === null && isOwn(of, dataset)) await catalog.gone(id, at);
  }
};

/** The tables that a resource was found to hold, those that are gone too. None when nothing of it was published yet. */
export const knownTables = async (
  catalog: Pick<CatalogReader, 'getResource' | 'getDataset' | 'getVersion'>,
  { source, resource }: Of,
): Promise<readonly KnownTable[]> => {
  const known = await catalog.getResource(source.id, resourceId(resource));
  if (known) return known.tables;
  const dataset = await catalog.getDataset(resource.dataset);
  if (!dataset || !isOwn({ source, resource }, dataset)) return [];
  // The first version may be held.
  const begun = dataset.latest !== null || (await catalog.getVersion(dataset.id, 1)) !== undefined;
  return begun ? [{ name: ONLY, dataset: dataset.id }] : [];
};

/** A table that was found, and the dataset that it becomes. */
export type AssignedTable = FoundTable & KnownTable & { alone?: true };

/**
 * Decides which dataset each table becomes ({@link assignTables}). Throws RefusedContent for more tables than are kept,
 * or for several where one is declared.
 */
export const assignDatasets = (
  of: Of,
  known: readonly KnownTable[],
  found: readonly FoundTable[],
  known_by: Parameters<typeof assignTables>[3],
): { tables: readonly AssignedTable[]; gone: readonly KnownTable[] } => {
  refuseUndeclared(of, found);
  const assigned = assignTables(of.resource.dataset, known, found, known_by);
  if (assigned.found.length + assigned.gone.length > MOST_TABLES)
    throw new RefusedContent(
      `It holds ${found.length} tables, and held ${assigned.gone.length} others; more than ${MOST_TABLES} are not kept of one resource.`,
    );
  const alone = assigned.found.length + assigned.gone.length === 1 && ({ alone: true } as const);
  const tables = assigned.found.map((table, index) => ({ ...found[index]!, ...table, ...alone }));
  return { tables, gone: assigned.gone };
};

/**
 * Stores which dataset each table becomes, unless it is stored already, or is one table of the resource's own name.
 * What has an id may come to be called otherwise, and is stored.
 */
export const keepTables = async (
  catalog: Pick<Catalog, 'putResource'>,
  { source, resource }: Of,
  known: readonly KnownTable[],
  now: readonly KnownTable[],
): Promise<readonly KnownTable[]> => {
  const tables = now.map(({ name, dataset, gone_at }) => ({ name, dataset, ...(gone_at && { gone_at }) }));
  const isUsual =
    tables.length === 1 &&
    tables[0]!.name === ONLY &&
    tables[0]!.dataset === resource.dataset &&
    resource.id === undefined;
  const isKnown = JSON.stringify(tables) === JSON.stringify(known);
  if (!isKnown && !(isUsual && known.length === 0))
    await catalog.putResource({ source: source.id, id: resourceId(resource), tables });
  return tables;
};

/** A declaration is of one table: for several it does not say which one is meant. */
const refuseUndeclared = ({ source, resource }: Of, found: readonly FoundTable[]): void => {
  const declared = source.datasets.find(({ id }) => id === resource.dataset);
  if (found.length < 2 || !declared || (declared.fields.length === 0 && declared.key.length === 0)) return;
  const names = found.slice(0, 10).map(({ name, title, place }) => `'${title ?? name}'${place ? ` (${place})` : ''}`);
  throw new RefusedContent(
    `It holds ${found.length} tables: ${names.join(', ')}${found.length > 10 ? ', …' : ''}. ` +
      `'${resource.dataset}' is declared as one: declare which one it is, or declare neither its fields nor its key, and each becomes a dataset.`,
  );
};

/**
 * Describes the dataset of a table, which makes it this resource's: under the assigned id, or, where another resource
 * has that id, with a hash of the resource's own id at its end.
 */
export const claimDataset = async (
  catalog: Pick<Catalog, 'describeDataset'>,
  { source, resource }: Of,
  table: AssignedTable,
): Promise<AssignedTable> => {
  const own = createHash('sha256').update(resourceId(resource)).digest('hex').slice(0, 8);
  for (const dataset of [table.dataset, `${table.dataset}_${own}`])
    if (await catalog.describeDataset(describe(source, resource, { ...table, dataset }))) return { ...table, dataset };
  throw new InvalidRequest(
    `The dataset '${table.dataset}' is made of another resource than '${resourceId(resource)}'.`,
  );
};
