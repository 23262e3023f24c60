/** What CKAN's Action API says of datasets, themes and organizations: members and order as in CKAN 2.9. */
import { createHash } from 'node:crypto';
import type { DatasetSpec } from './dataset-spec.ts';
import { type ORGANIZATIONS, THEMES } from './dataset-spec.ts';
import type { ListedDataset, ListedResource } from './portal-catalog.ts';

/** CKAN's dates are UTC without saying so, to the microsecond. */
export const ckanDate = (date: Date): string => date.toISOString().replace('Z', '000');

const uuidOf = (key: string): string =>
  createHash('sha256')
    .update(key)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-9$4-$5');

/** The absolute address that a listing shows. */
export const urlOf = (address: string, host: string): string =>
  address.startsWith('/')
    ? `http://${host}${address}`
    : address.replace('{host}', host).replace('{hostname}', host.replace(/:\d+$/, ''));

const resourceJson = (resource: ListedResource, position: number, dataset: ListedDataset, host: string) => ({
  cache_last_updated: null,
  cache_url: null,
  created: ckanDate(resource.created),
  description: '',
  format: resource.spec.format,
  hash: '',
  id: resource.id,
  last_modified: resource.spec.address ? null : ckanDate(resource.modified),
  metadata_modified: ckanDate(resource.modified),
  mimetype: resource.spec.mimetype ?? null,
  mimetype_inner: null,
  name: resource.spec.name,
  package_id: dataset.id,
  position,
  resource_type: null,
  size: null,
  state: 'active',
  url: urlOf(resource.address, host),
  url_type: resource.spec.address ? null : 'upload',
});

export const groupJson = ([name, title]: (typeof THEMES)[number]) => ({
  description: `Jeux de données du thème ${title}.`,
  display_name: title,
  id: uuidOf(`group ${name}`),
  image_display_url: '',
  name,
  title,
});

export const organizationJson = ([name, title]: (typeof ORGANIZATIONS)[number]) => ({
  id: uuidOf(`organization ${name}`),
  name,
  title,
  type: 'organization',
  description: `${title} d'une région inventée.`,
  image_url: '',
  created: '2018-03-01T09:00:00.000000',
  is_organization: true,
  approval_status: 'approved',
  state: 'active',
});

export const groupsOf = ({ groups }: DatasetSpec) => THEMES.filter(([name]) => groups.includes(name));

export const packageJson = (dataset: ListedDataset, host: string) => {
  const { spec, organization, licence } = dataset;
  return {
    author: organization[1],
    author_email: '',
    creator_user_id: uuidOf('user'),
    id: dataset.id,
    isopen: licence[0] !== 'notspecified',
    license_id: licence[0],
    license_title: licence[1],
    ...(licence[2] && { license_url: licence[2] }),
    maintainer: '',
    maintainer_email: '',
    metadata_created: ckanDate(dataset.created),
    metadata_modified: ckanDate(dataset.modified),
    name: spec.name,
    notes: spec.notes,
    num_resources: dataset.resources.length,
    num_tags: spec.tags.length,
    organization: organizationJson(organization),
    owner_org: uuidOf(`organization ${organization[0]}`),
    private: false,
    state: 'active',
    title: dataset.title,
    type: 'dataset',
    url: '',
    version: '',
    extras: [
      { key: 'Couverture géographique', value: 'Région inventée' },
      { key: 'Fréquence de mise à jour', value: 'Annuelle' },
    ],
    groups: groupsOf(spec).map(groupJson),
    resources: dataset.resources.map((resource, at) => resourceJson(resource, at, dataset, host)),
    tags: spec.tags.map((tag) => ({
      display_name: tag,
      id: uuidOf(`tag ${tag}`),
      name: tag,
      state: 'active',
      vocabulary_id: null,
    })),
    relationships_as_subject: [],
    relationships_as_object: [],
  };
};
