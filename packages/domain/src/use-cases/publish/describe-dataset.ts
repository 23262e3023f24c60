import type { DatasetId } from '../../dataset.ts';
import { InvalidRequest } from '../../errors.ts';
import type { DatasetDescription } from '../../ports/catalog.ts';
import { NAME_LENGTH } from '../../resource.ts';
import type { DatasetDefinition, Resource, SourceDefinition } from '../../source.ts';
import { HISTORY_ENDING } from '../../sql-table.ts';

/**
 * What of its resource a dataset is made of: a table among several, with its name and what stands above it. `alone`: it
 * is the only one, and always was.
 */
export type ResourceTable = { dataset: DatasetId; name: string; title?: string; alone?: true };

/**
 * The definition of the dataset that a resource becomes, or one of its tables: as its source declares it, or else what
 * is said of the resource where it is found. Throws InvalidRequest when there is neither.
 */
export const definitionOf = (
  source: SourceDefinition,
  resource: Resource,
  table?: ResourceTable,
): DatasetDefinition => {
  const { dataset: stem, title, description = title } = resource;
  const id = table?.dataset ?? stem;
  const declared = source.datasets.find((known) => known.id === id);
  const contractOf = (own: DatasetDefinition) => ({ contract: { ...source.contract, ...own.contract } });
  if (declared) return { ...declared, ...contractOf(declared) };
  const like = source.datasets.find((known) => known.id === resource.like);
  if (like && id === stem)
    return {
      ...like,
      ...contractOf(like),
      ...{ id, title: title ?? like.title, description: description ?? like.description },
    };
  const whole = source.datasets.find((known) => known.id === stem) ?? { title, description };
  if (whole.title === undefined || !id.startsWith(`${source.id}_`))
    throw new InvalidRequest(`Source '${source.id}' declares no dataset '${id}'`);
  const about = { title: whole.title, description: whole.description ?? whole.title };
  if (table && table.dataset !== stem && !table.alone)
    about.title += `: ${(table.title ?? table.name).slice(0, NAME_LENGTH)}`;
  return { id, ...about, fields: [], key: [], contract: source.contract };
};

/** How a resource is known: the same in every run. */
export const resourceId = ({ id, dataset }: Resource): string => id ?? dataset;

/** How the catalog tells it from the resources of other sources, too. */
export const resourceName = (source: SourceDefinition, resource: Resource): string =>
  `${source.id}/${resourceId(resource)}`;

/**
 * What the catalog says of the dataset that a resource becomes, or one of its tables. Throws InvalidRequest where its
 * source declares none of that id, or where its id is the name of another's history in SQL.
 */
export const describe = (source: SourceDefinition, resource: Resource, table?: ResourceTable): DatasetDescription => {
  const { id, title, description, fields, key } = definitionOf(source, resource, table);
  if (id.endsWith(HISTORY_ENDING)) {
    throw new InvalidRequest(
      `A dataset may not be named '${id}': in SQL, names that end in '${HISTORY_ENDING}' belong to the tables of histories`,
    );
  }
  return {
    id,
    title,
    description,
    publisher: resource.publisher ?? source.publisher,
    theme: resource.theme ?? source.theme,
    tags: [...new Set([...source.tags, ...(resource.tags ?? [])])],
    licence: resource.licence ?? source.licence,
    source: source.id,
    resource: resourceName(source, resource),
    source_url: resource.url,
    format: resource.format ?? formatOf(resource.url),
    fields: [...fields],
    key: [...key],
  };
};

/** The ending of an address, where it is one of a file that holds tables: `csv`. */
const formatOf = (url: string): string | null => {
  const ending = /\.(\w+?)(?:\.(?:gz|zip))?$/.exec(new URL(url).pathname.toLowerCase())?.[1];
  return ending !== undefined && FORMATS.has(ending) ? ending : null;
};
const FORMATS: ReadonlySet<string> = new Set(
  'csv tsv txt xls xlsx xlsm xlsb ods json ndjson jsonl geojson parquet xml html zip gz'.split(' '),
);
