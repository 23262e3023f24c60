import { defineSource } from '@granary/domain/source';
import { FILES, fileOf } from './kinds/embrapa/files.ts';
import { readEmbrapaFile } from './kinds/embrapa/read-file.ts';

/**
 * Vitibrasil: statistics of Brazilian grapes and wine since 1970, by Embrapa Uva e Vinho. 15 CSV files, one dataset each,
 * updated about once a year. What the files look like, and what becomes of their faults: embrapa/README.md.
 */
export const embrapa = defineSource({
  id: 'embrapa',
  title: 'Embrapa Vitibrasil: grapes and wine of Brazil',
  publisher: 'Embrapa Uva e Vinho',
  theme: 'agriculture',
  tags: ['brazil', 'grapes', 'wine', 'viticulture', 'trade'],
  licence: {
    name: 'notspecified',
    title: 'No licence is stated by the publisher; cite Embrapa Uva e Vinho, Vitibrasil',
    path: 'http://vitibrasil.cnpuv.embrapa.br/',
  },
  schedule: 'rate(1 day)',
  base_url: 'http://vitibrasil.cnpuv.embrapa.br/download/',
  base_url_variable: 'GRANARY_EMBRAPA_URL',
  parser_version: 2,
  requests_per_minute: 300,
  // The largest real file has 50 kB. Every delimiter can be a row: 16 MiB of them took 1.3 GB of the worker's memory.
  max_bytes: 2 * 2 ** 20,
  // A version that other products or countries are in, or half of whose figures are gone, is held until somebody has looked at it.
  datasets: FILES.map(({ kind, dataset }) => ({
    ...dataset,
    plausible: { keys: kind === 'trade' ? ['country'] : ['section', 'product'], year: 'year' },
  })),
  discover: ({ base_url }) =>
    FILES.map((file) => ({
      dataset: file.dataset.id,
      url: new URL(`${file.name}.csv`, base_url.endsWith('/') ? base_url : `${base_url}/`).href,
      hints: { file: file.name, kind: file.kind },
    })),
  read: async (resource, file, options, out) =>
    readEmbrapaFile(fileOf(resource.dataset), file.read(0, file.bytes), options, out),
});
