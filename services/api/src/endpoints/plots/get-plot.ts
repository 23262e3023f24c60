import { AGGREGATES, FORMATS, MARKS, type PlotParameters, THEMES } from '@granary/plots/plot-query';
import { defineEndpoint } from '@granary/runtime/endpoint';
import * as z from 'zod/mini';
import { makeAnswerPlot, type PlotDeps } from '../../plots/answer-plot.ts';

const column = () => z.optional(z.string().check(z.maxLength(1000)));
const pixels = (least: number, usual: number) => z._default(z.int().check(z.minimum(least), z.maximum(2000)), usual);

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/v1/plots/{id}',
  auth: 'cognito',
  grants: ['catalog:read', 'catalog:versions', 'data:read', 'descriptions:read'],
  summary: 'Plots a dataset as SVG or PNG, or gives its Vega-Lite specification',
  description:
    'Every parameter is optional; docs/plots.md lists the defaults and what happens to too many points. Any other parameter is a filter as in /v1/records (`year=gte.2000`).',
  examples: [
    { summary: 'Every section over the years', path: '/v1/plots/{dataset}' },
    { summary: 'As PNG, dark', path: '/v1/plots/{dataset}?mark=area&year=gte.2000&format=png&theme=dark' },
  ],
  request: () => ({
    path: z.object({ id: z.string().check(z.maxLength(128)) }),
    query: z.catchall(
      z.object({
        x: column(),
        y: column(),
        series: column(),
        mark: z.optional(z.enum(MARKS)),
        aggregate: z.optional(z.enum(AGGREGATES)),
        format: z._default(z.enum(FORMATS), 'svg'),
        theme: z._default(z.enum(THEMES), 'light'),
        width: pixels(240, 800),
        height: pixels(180, 450),
        scale: z._default(z.int().check(z.minimum(1), z.maximum(2)), 1),
        version: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
        as_of: z.optional(z.string().check(z.maxLength(40))),
      }),
      z.union([z.string(), z.array(z.string())]),
    ),
  }),
  run: (deps: PlotDeps) => {
    const answer = makeAnswerPlot(deps);
    return ({ path: { id }, query }) => answer(id, query as PlotParameters);
  },
});
