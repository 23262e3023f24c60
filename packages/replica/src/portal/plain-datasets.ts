/** Forty-eight datasets with nothing odd about them but their formats, and as many generated ones as are wanted. */
import { slugOf } from '../slug.ts';
import { type DatasetSpec, type ResourceSpec, THEMES } from './dataset-spec.ts';
import { CSV, FILE_FORMATS, JSON_LIST, type MadeFormat } from './file-formats.ts';
import { rowsOf } from './province-rows.ts';

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  agriculture: [
    'Production végétale',
    'Cheptel',
    'Surfaces irriguées',
    'Débarquements de pêche',
    'Oliveraies',
    'Ruches',
  ],
  'economie-et-finances': [
    'Recettes fiscales',
    'Entreprises créées',
    'Prix à la consommation',
    'Exportations',
    'Crédits',
    'Marchés publics',
  ],
  education: [
    'Élèves du primaire',
    'Lycées',
    'Bourses',
    'Bibliothèques',
    'Formation professionnelle',
    "Taux d'alphabétisation",
  ],
  emploi: ['Chômage', 'Retraités', "Offres d'emploi", 'Artisans', 'Apprentis', 'Accidents du travail'],
  environnement: [
    'Réserves des barrages',
    "Qualité de l'air",
    'Déchets collectés',
    'Forêts',
    'Pluviométrie',
    'Eaux de baignade',
  ],
  sante: ['Hôpitaux', 'Médecins', 'Lits', 'Vaccinations', 'Pharmacies', 'Naissances'],
  transport: [
    'Accidents de la route',
    'Permis de conduire',
    'Trafic portuaire',
    'Passagers aériens',
    'Taxis',
    'Routes',
  ],
  habitat: ['Logements', 'Permis de construire', 'Loyers', 'Ménages raccordés', 'Lotissements', 'Zones à aménager'],
};

/** A file of made rows in a format. */
export const fileOf = (format: MadeFormat, key: string, more: Partial<ResourceSpec> = {}): ResourceSpec => ({
  ...{ name: `Données (${format.written})`, format: format.written, file: `${slugOf(key)}.${format.extension}` },
  answer: (revision) => ({ content_type: format.content_type, body: format.body(rowsOf(key, revision)) }),
  holds: { rows: [48] },
  ...more,
});

/** Which formats the nth has: one or two. */
const formatsOf = (n: number): readonly MadeFormat[] =>
  n % 4 === 0
    ? [FILE_FORMATS[n % FILE_FORMATS.length]!]
    : [FILE_FORMATS[n % FILE_FORMATS.length]!, FILE_FORMATS[(n * 5 + 3) % FILE_FORMATS.length]!];

const plainDataset = (theme: string, subject: string, n: number): DatasetSpec => {
  const name = `${slugOf(subject)}-par-province`;
  return {
    name,
    title: `${subject} par province`,
    notes: `${subject} : effectifs et montants par province et par année.\r\n\r\nDonnées **inventées**.`,
    // A dataset may be of two themes, and is one dataset all the same.
    groups: n % 16 === 5 ? [theme, THEMES[(n + 4) % THEMES.length]![0]] : [theme],
    tags: [subject.toLowerCase(), 'province', ...(n % 3 === 0 ? ['séries annuelles'] : [])],
    ...(n % 5 === 1 && { changes: true }),
    ...(n % 24 === 7 && { until: 1 }),
    resources: formatsOf(n).map((format, at) =>
      fileOf(format, at === 0 ? name : `${name} ${at + 1}`, {
        name: at === 0 ? subject : `${subject}, deuxième fichier`,
        ...(n % 12 === 2 && { moves: true }),
      }),
    ),
  };
};

export const PLAIN_DATASETS: readonly DatasetSpec[] = Object.entries(SUBJECTS).flatMap(([theme, subjects], block) =>
  subjects.map((subject, n) => plainDataset(theme, subject, block * 6 + n)),
);

/** What the second edition lists besides. */
export const NEW_DATASETS: readonly DatasetSpec[] = ['Pistes cyclables', 'Bornes de recharge', 'Covoiturage'].map(
  (subject, n) => ({ ...plainDataset('transport', subject, 100 + 4 * n), since: 2 }),
);

/** In the order of the numbers. */
export const generatedName = (n: number): string => `jeu-${String(n).padStart(7, '0')}`;

/** The nth of any number of datasets: one resource, or two if n is odd, of sixteen rows. */
export const generatedDataset = (n: number): DatasetSpec => {
  const name = generatedName(n);
  const [theme, title] = THEMES[n % THEMES.length]!;
  const format = n % 8 === 7 ? JSON_LIST : CSV;
  return {
    name,
    title: `${title}, jeu ${n}`,
    notes: 'Données inventées pour mesurer une collecte.',
    groups: [theme],
    tags: ['mesure', `lot ${n % 50}`],
    ...(n % 5 === 1 && { changes: true }),
    resources: Array.from({ length: 1 + (n % 2) }, (_, at) => {
      const key = `${name}-${at + 1}`;
      const answer = (revision: number) => ({
        content_type: format.content_type,
        body: format.body(rowsOf(key, revision, 4)),
      });
      return fileOf(format, key, { name: `Fichier ${at + 1}`, answer, holds: { rows: [16] } });
    }),
  };
};
