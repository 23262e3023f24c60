import type { Dataset, Licence } from '@granary/domain/dataset';

const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

/** Published formats, by their name in /download. Media types are named by IANA's IRIs, as DCAT-AP has it. */
const FORMATS = [
  ['parquet', 'application/vnd.apache.parquet'],
  ['csv', 'text/csv'],
] as const;

const MEDIA_TYPES = 'https://www.iana.org/assignments/media-types/';

/**
 * The datasets that have been published, as DCAT 3 in JSON-LD. IRIs are relative to the document's own, /catalog.jsonld, since API Gateway
 * puts a stage before it.
 */
export const dcatOf = (datasets: readonly Dataset[]) => ({
  '@context': CONTEXT,
  '@id': 'catalog.jsonld',
  '@type': 'dcat:Catalog',
  'dct:title': 'Granary',
  'dct:description': 'Public data, collected, typed, versioned.',
  'dcat:service': {
    '@id': '.',
    '@type': 'dcat:DataService',
    'dct:title': 'Granary API',
    'dcat:endpointURL': { '@id': '.' },
    'dcat:endpointDescription': { '@id': 'openapi.json' },
  },
  'dcat:dataset': datasets.filter(({ latest }) => latest !== null).map(datasetOf),
});

const datasetOf = (dataset: Dataset) => ({
  '@id': `v1/datasets/${dataset.id}`,
  '@type': 'dcat:Dataset',
  'dct:identifier': dataset.id,
  'dct:title': dataset.title,
  'dct:description': dataset.description,
  'dct:publisher': { '@type': 'foaf:Agent', 'foaf:name': dataset.publisher },
  'dct:license': licenceOf(dataset.licence),
  'dct:modified': { '@type': 'xsd:dateTime', '@value': dataset.updated_at },
  'dct:source': { '@id': dataset.source_url },
  'dcat:keyword': [dataset.theme, ...dataset.tags],
  'dcat:version': String(dataset.latest),
  'dcat:distribution': FORMATS.map(([format, type]) => ({
    '@type': 'dcat:Distribution',
    'dct:title': `${dataset.title} (${format})`,
    'dcat:accessURL': { '@id': `v1/datasets/${dataset.id}/download?format=${format}` },
    'dcat:mediaType': { '@id': MEDIA_TYPES + type },
    ...(format === 'csv' && { 'dcat:compressFormat': { '@id': `${MEDIA_TYPES}application/gzip` } }),
    'dcat:accessService': { '@id': '.' },
  })),
});

const licenceOf = ({ title, path }: Licence) =>
  path === undefined
    ? { '@type': 'dct:LicenseDocument', 'dct:title': title }
    : { '@id': path, '@type': 'dct:LicenseDocument', 'dct:title': title };
