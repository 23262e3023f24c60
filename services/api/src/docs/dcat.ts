import type { Dataset, Licence } from '@granary/domain/dataset';

const CONTEXT = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  hydra: 'http://www.w3.org/ns/hydra/core#',
  prov: 'http://www.w3.org/ns/prov#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

/** Published formats, by their name in /download. Media types are named by IANA's IRIs, as DCAT-AP has it. */
const FORMATS = [
  ['parquet', 'application/vnd.apache.parquet'],
  ['csv', 'text/csv'],
] as const;

const MEDIA_TYPES = 'https://www.iana.org/assignments/media-types/';

/** DCAT-AP's shapes want the class of whatever is referred to, of an address too. */
const mediaType = (name: string) => ({ '@id': MEDIA_TYPES + name, '@type': 'dct:MediaType' });
const address = (iri: string) => ({ '@id': iri, '@type': 'rdfs:Resource' });
/** DCAT-US wants publishers that have an IRI. */
const agent = (name: string) => ({
  '@id': `catalog.jsonld#publisher-${encodeURIComponent(name)}`,
  '@type': 'foaf:Agent',
  'foaf:name': name,
});

/** A page of the catalog: `next` is the cursor of the following one, `total` the datasets of all pages. */
export type CatalogPage = { datasets: readonly Dataset[]; next: string | null; total: number };

/**
 * Published datasets as DCAT 3 in JSON-LD, by the rules of DCAT-AP 3 and DCAT-US 3. IRIs are relative to the document's
 * own, /catalog.jsonld, since API Gateway puts a stage before it. All pages describe the one catalog, and a page names
 * the next; `limit` is what its address says besides, `&limit=10`.
 */
export const dcatOf = ({ datasets, next, total }: CatalogPage, limit = '') => ({
  '@context': CONTEXT,
  '@id': 'catalog.jsonld',
  '@type': 'dcat:Catalog',
  'dct:title': 'Granary',
  'dct:description': 'Public data, collected, typed, versioned.',
  'dct:publisher': agent('Granary'),
  'dcat:service': {
    '@id': '.',
    '@type': 'dcat:DataService',
    'dct:title': 'Granary API',
    'dcat:endpointURL': address('.'),
    'dcat:endpointDescription': address('openapi.json'),
  },
  'hydra:totalItems': total,
  ...(next !== null && {
    'hydra:view': {
      '@type': 'hydra:PartialCollectionView',
      'hydra:next': address(`catalog.jsonld?cursor=${next}${limit}`),
    },
  }),
  'dcat:dataset': datasets.map(datasetOf),
});

const datasetOf = (dataset: Dataset) => ({
  '@id': `v1/datasets/${dataset.id}`,
  '@type': 'dcat:Dataset',
  'dct:identifier': dataset.id,
  'dct:title': dataset.title,
  'dct:description': dataset.description,
  'dct:publisher': agent(dataset.publisher),
  'dct:license': licenceOf(dataset.licence),
  'dct:modified': { '@type': 'xsd:dateTime', '@value': dataset.updated_at },
  // DCAT-AP's dct:source is a dcat:Dataset, which harvesters would list as one of ours: the file is what this was made
  // from.
  'prov:wasDerivedFrom': { '@id': dataset.source_url, '@type': 'prov:Entity' },
  'dcat:keyword': [dataset.theme, ...dataset.tags],
  'dcat:version': String(dataset.latest),
  ...(dataset.years && { 'dct:temporal': periodOf(dataset.years) }),
  'dcat:distribution': FORMATS.map(([format, type]) => ({
    '@type': 'dcat:Distribution',
    'dct:title': `${dataset.title} (${format})`,
    'dcat:accessURL': address(`v1/datasets/${dataset.id}/download?format=${format}`),
    'dcat:mediaType': mediaType(type),
    ...(format === 'csv' && { 'dcat:compressFormat': mediaType('application/gzip') }),
    'dcat:accessService': { '@id': '.' },
  })),
});

const year = (value: number) => ({ '@type': 'xsd:gYear', '@value': String(value).padStart(4, '0') });
const periodOf = ({ first, last }: { first: number; last: number }) => ({
  '@type': 'dct:PeriodOfTime',
  'dcat:startDate': year(first),
  'dcat:endDate': year(last),
});

const licenceOf = ({ title, path }: Licence) =>
  path === undefined
    ? { '@type': 'dct:LicenseDocument', 'dct:title': title }
    : { '@id': path, '@type': 'dct:LicenseDocument', 'dct:title': title };
