/**
 * Sources that a start puts to the stack by the API, as an operator would, so that it shows more than one publisher:
 * those of the replica's town. They are no part of a release.
 */
import { urlVariable } from '@granary/domain/source';
import type { TownFile } from '@granary/replica/town/town-file';
import { TOWN_FILES, TOWN_PAGES } from '@granary/replica/town/town-site';
import type { ApiClient } from './api-client.ts';

export type SampleSource = {
  id: string;
  kind: string;
  title: string;
  publisher: string;
  theme: string;
  tags: readonly string[];
  licence: { name: string; title: string };
  schedule: string;
  base_url: string;
  requests_per_minute: number;
  max_bytes: number;
  config: Readonly<Record<string, readonly { dataset: string; url: string }[]>>;
  datasets: readonly { id: string; title: string; description: string }[];
};

const ABOUT = {
  publisher: 'Office of Statistics of Porto Claro',
  theme: 'society',
  licence: { name: 'CC0-1.0', title: 'The town is invented, and so are its figures' },
  schedule: 'rate(1 day)',
  requests_per_minute: 300,
  max_bytes: 20_000_000,
} as const;

/** `spending-bom.csv` of `porto_claro` → `porto_claro_spending_bom`; other endings stay part of the name. */
const datasetOf = (source: string, name: string): string =>
  `${source}_${name.replace(/\.(csv|html)$/, '').replaceAll(/[^a-z0-9]+/g, '_')}`;

const listed = (source: string, files: readonly TownFile[]) =>
  files.map(({ name }) => ({ dataset: datasetOf(source, name), url: name }));

const declared = (source: string, files: readonly TownFile[]) =>
  files.map(({ name, quirk }) => ({
    id: datasetOf(source, name),
    title: `Porto Claro: ${name}`,
    description: `A file of a made-up town: ${quirk}.`,
  }));

/** The sources of the town, as its files lie at an address. */
export const sampleSources = (base_url: string): readonly SampleSource[] => [
  {
    ...{ id: 'porto_claro', kind: 'files', title: 'Porto Claro: files of a made-up town', tags: ['sample', 'files'] },
    ...{ ...ABOUT, base_url, config: { files: listed('porto_claro', TOWN_FILES) } },
    datasets: declared('porto_claro', TOWN_FILES),
  },
  {
    ...{ id: 'porto_claro_pages', kind: 'html-tables', title: 'Porto Claro: pages of a made-up town' },
    ...{ tags: ['sample', 'pages'], ...ABOUT, base_url },
    datasets: declared('porto_claro_pages', TOWN_PAGES),
    config: {
      pages: listed('porto_claro_pages', TOWN_PAGES).map((page) => ({ ...page, selector: 'table.figures' })),
    },
  },
];

/**
 * Puts those that are not there yet, and changes the address of those that lie at another one now. One that an operator
 * paused or deleted stays as it is; `GRANARY_<ID>_URL=none` leaves one out.
 */
export const putSampleSources = async (
  api: Pick<ApiClient, 'sources' | 'source' | 'putSource'>,
  base_url: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> => {
  const wanted = sampleSources(base_url).filter(({ id }) => env[urlVariable(id)] !== 'none');
  if (wanted.length === 0) return;
  const listed = new Map((await api.sources()).map((source) => [source.id, source]));
  for (const sample of wanted) {
    const there = listed.get(sample.id);
    if (!there) await api.putSource(sample, { 'if-none-match': '*' });
    else if (there.state === 'active' && there.base_url !== base_url) {
      const moved = { ...(await api.source(sample.id)), id: sample.id, base_url };
      await api.putSource(moved, { 'if-match': `"${there.revision}"` });
    }
  }
};
