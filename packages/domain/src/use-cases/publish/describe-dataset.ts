import { InvalidRequest } from '../../errors.ts';
import type { DatasetDescription } from '../../ports/catalog.ts';
import type { DatasetDefinition, Resource, SourceDefinition } from '../../source.ts';
import { HISTORY_ENDING } from '../../sql-table.ts';

/**
 * The definition of the dataset that a resource becomes: as its source declares it, or else what its listing page says
 * of it. Throws InvalidRequest when there is neither.
 */
export const definitionOf = (source: SourceDefinition, resource: Resource): DatasetDefinition => {
  const { dataset: id, title, description = title } = resource;
  const definition = source.datasets.find((declared) => declared.id === id);
  if (definition) return definition;
  if (title !== undefined && id.startsWith(`${source.id}_`))
    return { id, title, description: description ?? title, fields: [], key: [] };
  throw new InvalidRequest(`Source '${source.id}' declares no dataset '${resource.dataset}'`);
};

/**
 * What the catalog says of the dataset that a resource becomes. Throws InvalidRequest where its source declares none of
 * that id, or where its id is the name of another's history in SQL.
 */
export const describe = (source: SourceDefinition, resource: Resource): DatasetDescription => {
  const { id, title, description, fields, key } = definitionOf(source, resource);
  if (id.endsWith(HISTORY_ENDING)) {
    throw new InvalidRequest(
      `A dataset may not be named '${id}': in SQL, names that end in '${HISTORY_ENDING}' belong to the tables of histories`,
    );
  }
  return {
    id,
    title,
    description,
    publisher: source.publisher,
    theme: source.theme,
    tags: [...source.tags],
    licence: source.licence,
    source: source.id,
    source_url: resource.url,
    fields: [...fields],
    key: [...key],
  };
};
