/** What lies at an address of the portal. */
export type FileAnswer = {
  content_type: string;
  body: Buffer;
  /** 200 without it. */
  status?: number;
  /** Where it sends whoever asks; status 302. */
  location?: string;
  /** Without ETag and Last-Modified. */
  unmarked?: true;
};

/** A resource; the catalog adds what depends on the edition. */
export type ResourceSpec = {
  name: string;
  /** As the listing writes it. */
  format: string;
  mimetype?: string;
  /** The last part of its address. */
  file: string;
  /**
   * In the place of the address that CKAN gives an uploaded file: a path with or without a query, or an absolute
   * address. `{host}` in it is the portal's own, such as `127.0.0.1:4010`, and `{hostname}` the same without its port.
   */
  address?: string;
  /** What lies there; undefined: nothing. A later revision has another year in it. */
  answer?: (revision: number) => FileAnswer;
  /** From the second edition on it lies at another address. */
  moves?: true;
  /** Rows of each of its tables in the first edition, or a part of the reason why it has none. */
  holds: { rows: readonly number[] } | { refused: RegExp };
};

export type DatasetSpec = {
  name: string;
  title: string;
  notes: string;
  /** Names of {@link THEMES}. */
  groups: readonly string[];
  tags: readonly string[];
  resources: readonly ResourceSpec[];
  /** Editions that list it; all without them. */
  since?: number;
  until?: number;
  /** Its files have another year in each edition. */
  changes?: true;
  /** The second edition lists it as older than the first did, under another title. */
  goes_back?: true;
};

export const THEMES = [
  ['agriculture', 'Agriculture et pêche'],
  ['economie-et-finances', 'Économie et finances'],
  ['education', 'Éducation et formation'],
  ['emploi', 'Emploi'],
  ['environnement', 'Environnement et eau'],
  ['sante', 'Santé'],
  ['transport', 'Transport'],
  ['habitat', 'Habitat'],
] as const;

export const ORGANIZATIONS = [
  ['direction-de-la-statistique', 'Direction de la statistique'],
  ['office-de-l-eau', "Office de l'eau"],
  ['agence-des-routes', 'Agence des routes'],
  ['conseil-de-la-region', 'Conseil de la région'],
] as const;

/** Identifier, title and address, as CKAN lists them. */
export const LICENCES = [
  ['odc-odbl', 'Open Data Commons Open Database License (ODbL)', 'http://www.opendefinition.org/licenses/odc-odbl'],
  ['cc-by', 'Creative Commons Attribution', 'http://www.opendefinition.org/licenses/cc-by'],
  ['notspecified', "Pas de licence d'utilisation spécifiée", null],
] as const;
