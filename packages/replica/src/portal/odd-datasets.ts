/** Twelve datasets, each odd as real ones were seen to be. */
import { WORKBOOKS } from '../town/workbooks.ts';
import type { DatasetSpec, FileAnswer, ResourceSpec } from './dataset-spec.ts';
import { CSV, GZIP, XLSX, ZIP } from './file-formats.ts';
import { fileOf } from './plain-datasets.ts';
import { PORTAL_ROOT } from './portal-state.ts';
import { rowsOf } from './province-rows.ts';

const dataset = (
  name: string,
  title: string,
  group: string,
  resources: readonly ResourceSpec[],
  more: Partial<DatasetSpec> = {},
): DatasetSpec => ({ name, title, notes: `${title}.`, groups: [group], tags: ['cas limites'], resources, ...more });

/** A resource of which nothing comes. */
const refused = (
  name: string,
  format: string,
  file: string,
  reason: RegExp,
  more: Partial<ResourceSpec>,
): ResourceSpec => ({ ...{ name, format, file, holds: { refused: reason } }, ...more });

const answering = (content_type: string, body: string | Buffer, more: Partial<FileAnswer> = {}) => ({
  answer: (): FileAnswer => ({ content_type, body: Buffer.from(body), ...more }),
});
const redirecting = (location: string) => answering('text/plain', 'Found.\n', { location });

const ERROR_PAGE =
  '<!DOCTYPE html><html lang="fr"><head><title>Service momentanément indisponible</title></head><body><h1>Erreur 500</h1></body></html>\n';
const PDF = '%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n';

/** Formats as publishers write them. */
const SPELLINGS = [
  ['CSV.', CSV],
  ['.cvs', CSV],
  ['', CSV],
  ['.csv', CSV],
  [' csv ', CSV],
  ['zip+csv', ZIP],
  ['Excel', XLSX],
  ['application/gzip', GZIP],
] as const;

/** One address that several list, some of them more than once. */
const NOMENCLATURE = `${PORTAL_ROOT}fichiers/nomenclature.csv`;
const nomenclature = (n: number): ResourceSpec =>
  fileOf(CSV, 'nomenclature', { name: `Nomenclature (${n})`, address: NOMENCLATURE });

/** Exactly 500 characters. */
const LONG_ARABIC = `${'بيانات السكان حسب الإقليم والسنة '.repeat(20).slice(0, 499).trimEnd()}`.padEnd(500, 'ة');

const exported = (table: string, address: string): ResourceSpec =>
  fileOf(CSV, `export ${table}`, { name: `Export ${table}`, address });

/** A workbook of the town's office. */
const workbook = (name: string, title: string): ResourceSpec => {
  const { body, content_type, holds } = WORKBOOKS.find((book) => book.name === name)!;
  const answer = () => ({ content_type, body: body() });
  return { ...{ name: title, format: 'XLSX', file: name }, answer, holds };
};

export const ODD_DATASETS: readonly DatasetSpec[] = [
  dataset(
    'formats-ecrits-autrement',
    'Formats écrits autrement',
    'economie-et-finances',
    SPELLINGS.map(([written, format], n) =>
      fileOf(format, `format ${n + 1}`, { name: `Format « ${written} »`, format: written }),
    ),
  ),
  dataset('adresses-a-parametres', 'Adresses à paramètres', 'environnement', [
    exported('air', `${PORTAL_ROOT}export?table=air&format=csv`),
    exported('eau', `${PORTAL_ROOT}export?table=eau&format=csv`),
    exported('forêts', `${PORTAL_ROOT}export?table=forêts du nord&format=csv&v=1.0`),
  ]),
  dataset(
    'une-adresse-repetee',
    'Une adresse répétée',
    'emploi',
    Array.from({ length: 8 }, (_, n) => nomenclature(n + 1)),
  ),
  dataset('encore-la-nomenclature', 'Encore la nomenclature', 'education', [nomenclature(9), nomenclature(10)]),
  dataset('sans-ressource', 'Un jeu sans ressource', 'sante', []),
  dataset('fichiers-reserves', 'Fichiers réservés', 'sante', [
    refused('Sur connexion', 'CSV', 'membres.csv', /HTML/, redirecting(`${PORTAL_ROOT}user/login?came_from=membres`)),
    refused('Interdit aux robots', 'CSV', 'membres.csv', /robots\.txt/, {
      address: `${PORTAL_ROOT}reserve/membres.csv`,
      answer: fileOf(CSV, 'reserve').answer,
    }),
    refused('Vers le réseau interne', 'CSV', 'interne.csv', /private|internal|public/, {
      ...redirecting('http://169.254.169.254/latest/meta-data/'),
    }),
  ]),
  dataset('population-ar', LONG_ARABIC, 'habitat', [fileOf(CSV, 'population', { name: LONG_ARABIC })]),
  dataset('peche cotiere', 'Peche cotiere', 'agriculture', [fileOf(CSV, 'peche 1')]),
  dataset('pêche côtière', 'Pêche côtière', 'agriculture', [fileOf(CSV, 'peche 2')]),
  dataset('ce-qui-n-est-pas-un-tableau', 'Ce qui n’est pas un tableau', 'habitat', [
    fileOf(CSV, 'octets', {
      ...{ name: 'Octets', format: '', mimetype: 'application/octet-stream', file: 'octets' },
      answer: (revision) => ({
        ...{ content_type: 'application/octet-stream', unmarked: true as const },
        body: CSV.body(rowsOf('octets', revision)),
      }),
    }),
    refused('Erreur en classeur', 'XLSX', 'loyers.xlsx', /Service momentanément indisponible/, {
      ...answering(XLSX.content_type, ERROR_PAGE),
    }),
    refused('Rapport', 'PDF', 'rapport.pdf', /PDF/i, answering('application/pdf', PDF)),
    refused('Disparu', 'CSV', 'disparu.csv', /404/, {}),
    workbook('book-encrypted.xlsx', 'Classeur chiffré'),
    workbook('book-three.xlsx', 'Trois tableaux sur deux feuilles'),
    workbook('book-titled.xlsx', 'Titre au-dessus, note au-dessous'),
  ]),
  dataset('hotes-qui-ne-repondent-pas', 'Hôtes qui ne répondent pas', 'transport', [
    refused('Port fermé', 'CSV', '', /./, { address: 'http://{hostname}:9/routes.csv' }),
    refused('TLS impossible', 'CSV', '', /./, { address: 'https://{host}/routes.csv' }),
    refused('Hôte inconnu', 'CSV', '', /./, { address: 'http://portail-disparu.invalid/routes.csv' }),
    refused('Par FTP', 'CSV', '', /./, { address: 'ftp://{hostname}/routes.csv' }),
  ]),
  dataset('date-qui-recule', 'Une date qui recule', 'environnement', [fileOf(CSV, 'date qui recule')], {
    goes_back: true,
  }),
];
