import { createHash } from 'node:crypto';
import { DATASET_ID_LENGTH, type Licence } from '@granary/domain/dataset';
import type { LeftOut, Resource, Source } from '@granary/domain/source';
import { toIdentifier } from '@granary/tabular/identifier';
import type { CkanConfig } from './ckan-config.ts';
import { leftOutBy, shownFormat } from './portal-formats.ts';

/**
 * A dataset of a portal, whether the API or a page said it. Texts are as people read them; empty where there is none.
 */
export type PortalDataset = {
  /** By which the portal's addresses name it. */
  name: string;
  title: string;
  description: string;
  tags: readonly string[];
  /** Its group, by name; of several, the first of the alphabet. */
  group: string;
  organization: string;
  licence: Licence | undefined;
  /** ISO 8601: when the portal last changed what it says of it. */
  modified: string | undefined;
  resources: readonly PortalResource[];
};
export type PortalResource = { id: string; name: string; description: string; format: string; url: string };

const TITLE_LENGTH = 300;
const DESCRIPTION_LENGTH = 4000;
const MOST_TAGS = 50;
const TAG_LENGTH = 100;
/** Characters of a resource's own part of a dataset's id, and of all of it: its tables' names come behind. */
const NAME_LENGTH = 48;
const STEM_LENGTH = DATASET_ID_LENGTH - 28;

/** What a dataset of a portal comes to: its resources that are fetched, and those that are not, with the reason. */
export const resourcesOf = (
  source: Pick<Source<CkanConfig>, 'id' | 'config'>,
  dataset: PortalDataset,
): { resources: Resource[]; left_out: LeftOut[] } => {
  const resources: Resource[] = [];
  const left_out: LeftOut[] = [];
  const judged = dataset.resources.map((one) => ({ one, url: addressOf(one.url) }));
  const isOnly = judged.length === 1;
  for (const { one, url } of judged) {
    const format = shownFormat(one.format);
    const resource: Resource = {
      dataset: stemOf(source.id, dataset, isOnly ? undefined : one),
      id: one.id.slice(0, 256),
      url: url ?? '',
      hints: {},
      title: titleOf(dataset, isOnly ? '' : one.name).slice(0, TITLE_LENGTH),
      description: descriptionOf(dataset, one).slice(0, DESCRIPTION_LENGTH),
      ...aboutOf(dataset),
      ...(format !== undefined && { format }),
    };
    const left = url === undefined ? noAddress(one.url) : leftOutBy(one.format, url, source.config.formats);
    if (left) left_out.push({ resource, ...left });
    else resources.push(resource);
  }
  return { resources, left_out };
};

const addressOf = (written: string): string | undefined => {
  const text = written.trim();
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return /^https?:$/.test(url.protocol) && url.href.length <= 2048 ? url.href : undefined;
};

const noAddress = (written: string): { state: 'refused'; reason: string } => {
  const text = written.trim().slice(0, 200);
  const reason = text === '' ? 'The portal gives no address of it.' : `'${text}' is no address of a file.`;
  return { state: 'refused', reason };
};

const aboutOf = ({ group, tags, licence, organization, modified }: PortalDataset) => ({
  ...(toIdentifier(group) && { theme: cut(toIdentifier(group), NAME_LENGTH) }),
  tags: [...new Set(tags.map((tag) => tag.slice(0, TAG_LENGTH)))].slice(0, MOST_TAGS),
  ...(licence && { licence }),
  ...(organization && { publisher: organization.slice(0, TITLE_LENGTH) }),
  ...(modified && { modified }),
});

const titleOf = ({ title, name }: PortalDataset, own: string): string => {
  const whole = title || name;
  return own === '' || own === whole ? whole : `${whole}: ${own}`;
};

const descriptionOf = (dataset: PortalDataset, { description }: PortalResource): string =>
  [...new Set([dataset.description, description])].filter((text) => text !== '').join('\n\n') || titleOf(dataset, '');

/** `production_vegetale_2010_2022`; what has no Latin letters in its title is called as its address has it. */
const stemOf = (source: string, { title, name }: PortalDataset, resource: PortalResource | undefined): string => {
  const room = STEM_LENGTH - source.length - (resource ? NAME_LENGTH + 2 : 1);
  const whole = cut(toIdentifier(title), room) || cut(toIdentifier(name), room) || `dataset_${hashOf(name)}`;
  if (!resource) return `${source}_${whole}`;
  const own = cut(toIdentifier(resource.name), NAME_LENGTH) || hashOf(resource.id);
  return own === whole ? `${source}_${whole}` : `${source}_${whole}_${own}`;
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const cut = (name: string, length: number): string => name.slice(0, length).replace(/_+$/, '');

/** A licence by its id, its title and its address, as far as there are any. */
export const licenceOf = (id: string, title: string, path: string): Licence | undefined => {
  if (id === '' && title === '') return undefined;
  const name = id.replace(/[^-a-zA-Z0-9._]+/g, '-').replace(/^-+|-+$/g, '') || toIdentifier(title) || 'other';
  const address = URL.canParse(path) && /^https?:/.test(path) ? { path } : {};
  return { name: name.slice(0, 100), title: (title || id).slice(0, TITLE_LENGTH), ...address };
};
