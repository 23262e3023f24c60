import { defineKind } from '../../kind.ts';
import type { Source } from '../../source.ts';
import { figures, figuresKind } from './figures-source.ts';

/** For tests: a kind whose datasets begin with the id of their source. */
export const portKind = defineKind<{ names: string[] }>({
  ...figuresKind,
  kind: 'port',
  discover: ({ id, config }, base_url) =>
    config.names.map((name) => ({ dataset: `${id}_${name}`, url: new URL(`${name}.csv`, base_url).href, hints: {} })),
});

/** For tests: what somebody puts at run time. */
export const portSource = (change: Partial<Source<{ names: string[] }>> = {}): Source<{ names: string[] }> => {
  const source: Source<{ names: string[] }> = {
    ...{ id: 'port', kind: 'port', title: 'Port', publisher: 'The port', theme: 'environment', tags: ['port'] },
    ...{ licence: figures.licence, schedule: 'rate(1 day)', base_url: 'http://port.test/' },
    ...{ requests_per_minute: 600, max_bytes: 1_000_000, config: { names: ['ships'] }, datasets: [], ...change },
  };
  const datasets = source.config.names.map((name) => ({
    ...figures.datasets[0]!,
    id: `${source.id}_${name}`,
    title: name,
  }));
  return { ...source, datasets: change.datasets ?? datasets };
};
