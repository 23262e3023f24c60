/** The five plots of docs/plots.md, and the files of the replica that they are drawn from. */
export const CASES = {
  line: { dataset: 'embrapa_producao', query: '' },
  bar: { dataset: 'embrapa_exp_vinho', query: 'mark=bar&x=country&y=value_usd&year=gte.2015' },
  area: { dataset: 'embrapa_producao', query: 'mark=area&year=gte.1990' },
  point: {
    dataset: 'embrapa_imp_vinhos',
    query: 'mark=point&x=quantity_kg&y=value_usd&series=country&year=gte.2019',
  },
  heatmap: { dataset: 'embrapa_imp_vinhos', query: 'mark=heatmap&year=gte.2000&theme=dark' },
} as const;
export type CaseName = keyof typeof CASES;

export const FILES = { embrapa_producao: 'Producao', embrapa_exp_vinho: 'ExpVinho', embrapa_imp_vinhos: 'ImpVinhos' };

export const FORMATS = ['svg', 'png'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * What a contender tells on its file descriptor 3. `first`: with loading whatever draws; `warm`: the median of those
 * after. In ms.
 */
export type Drawn = { first: number; warm: number; bytes: number };
