import type { Dataset } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import { HISTORY_ENDING } from '@granary/domain/sql-table';
import { nearNames } from '../near-names.ts';

const MOST_TABLES = 20;
/** Any other name, which can stand in quotes only, is no dataset's id and is not looked up. */
const ID = /^[a-z0-9_-]{1,128}$/;

/** Id of the dataset whose table is called so. */
const datasetOf = (table: string): string =>
  table.endsWith(HISTORY_ENDING) ? table.slice(0, -HISTORY_ENDING.length) : table;

/**
 * The datasets of the tables, each once: every table must be a published one, or its history. Throws InvalidRequest
 * naming the first that is not, and those like it.
 */
export const findDatasets = async (
  catalog: Pick<CatalogReader, 'getDataset' | 'listDatasets'>,
  tables: readonly string[],
): Promise<readonly Dataset[]> => {
  if (tables.length > MOST_TABLES)
    throw refused(`The query reads ${tables.length} tables; ${MOST_TABLES} are the most. Ask in several queries.`);
  const found = await Promise.all(
    tables.map((table) => (ID.test(datasetOf(table)) ? catalog.getDataset(datasetOf(table)) : undefined)),
  );
  for (const [index, dataset] of found.entries()) {
    const table = tables[index];
    if (dataset?.latest === null)
      throw refused(`The dataset '${dataset.id}' has not been published yet; /v1/runs shows what is going on.`);
    if (dataset !== undefined) continue;
    const ids = (await catalog.listDatasets()).filter(({ latest }) => latest !== null).map(({ id }) => id);
    const near = nearNames(datasetOf(table), ids).map((id) => `'${id}'`);
    const hint = near.length === 0 ? '' : `; perhaps you mean ${near.join(' or ')}`;
    throw refused(
      `There is no table '${table.slice(0, 128)}'${hint}. A table is a dataset of /v1/datasets in its latest version, or <id>${HISTORY_ENDING} with all of them.`,
    );
  }
  return [...new Map(found.flatMap((dataset) => (dataset ? [[dataset.id, dataset] as const] : []))).values()];
};

/**
 * For a table that the engine does not have although its dataset is in the catalog: the dataset was published before
 * there were tables in SQL, or they could not be written.
 */
export const unmadeTable = (table: string): InvalidRequest =>
  refused(
    `The table '${table}' is not made yet: the next collection makes it (/v1/runs shows them). /v1/records/${datasetOf(table)} has the rows of the dataset meanwhile.`,
  );

const refused = (message: string): InvalidRequest => InvalidRequest.of('sql', message);
