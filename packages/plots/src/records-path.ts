import type { PlotFilter } from './plot-query.ts';

/** Where the rows are that a plot draws. */
export const recordsPath = (dataset: string, version: number, filters: readonly PlotFilter[]): string => {
  const query = [...filters, ['version', String(version)] as const].map((pair) =>
    pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='),
  );
  return `/v1/records/${dataset}?${query.join('&')}`;
};
