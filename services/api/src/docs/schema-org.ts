import type { Dataset } from '@granary/domain/dataset';

/** What search engines take of a description. */
const MOST_DESCRIPTION = 5000;

/**
 * A dataset as schema.org has it, for search engines of datasets. Addresses are relative to the dataset's own,
 * /v1/datasets/{id}.
 */
export const schemaOrgOf = (dataset: Dataset) => {
  const { id, title, description, publisher, theme, tags, licence, latest, years, fields } = dataset;
  const files = latest === null ? [] : FILES.map(([format, type]) => fileOf(id, format, type));
  return {
    '@context': 'https://schema.org/',
    '@id': id,
    '@type': 'Dataset',
    identifier: id,
    url: id,
    name: title,
    description: description.slice(0, MOST_DESCRIPTION),
    keywords: [theme, ...tags],
    license: licence.path ?? licence.title,
    publisher: { '@type': 'Organization', name: publisher },
    creator: { '@type': 'Organization', name: publisher },
    isBasedOn: dataset.source_url,
    includedInDataCatalog: { '@type': 'DataCatalog', '@id': '../../catalog.jsonld', name: 'Granary' },
    ...(latest !== null && { version: String(latest), dateModified: dataset.updated_at }),
    ...(years && { temporalCoverage: `${years.first}/${years.last}` }),
    variableMeasured: fields.map((field) => ({
      '@type': 'PropertyValue',
      name: field.title ?? field.name,
      ...(field.description && { description: field.description }),
      ...(field.unit && { unitText: field.unit }),
    })),
    distribution: files,
  };
};

const FILES = [
  ['csv', 'text/csv'],
  ['parquet', 'application/vnd.apache.parquet'],
] as const;

const fileOf = (id: string, format: string, type: string) => ({
  '@type': 'DataDownload',
  name: format,
  encodingFormat: type,
  contentUrl: `${id}/download?format=${format}`,
});
