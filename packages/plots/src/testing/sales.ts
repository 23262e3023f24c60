import { InvalidRequest } from '@granary/domain/errors';
import type { Cell, Field, Schema } from '@granary/tabular/table';
import { expect } from '@jest/globals';
import { loadResvg } from '../renderer-files.ts';
import { drawTable } from './draw-table.ts';

export const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  name,
  type,
  nullable: true,
  ...more,
});
export const SALES: Schema = {
  fields: [
    field('shop', 'string'),
    field('year', 'int32'),
    field('price', 'double', { unit: 'US$' }),
    field('day', 'date'),
  ],
  key: ['shop', 'year'],
};
export const SHOPS = ['Água & Vinho', 'Bar <b>', 'Casa "C"'];
export const sales: Cell[][] = SHOPS.flatMap((shop, i) =>
  Array.from({ length: 6 }, (_, k) => [shop, 2018 + k, (i + 1) * 1000 * (k + 1), `20${18 + k}-0${k + 1}-15`]),
);
export const draw = drawTable(SALES, sales, 'Sales & <others>');
export const svg = async (query: object = {}) => (await draw(query)) as string;
// biome-ignore lint/suspicious/noExplicitAny: the tests assert what the specification holds.
export const spec = async (query: object = {}, from = draw): Promise<any> =>
  JSON.parse((await from({ ...query, format: 'vega' })) as string);
export const refusal = async (query: object, from = draw): Promise<InvalidRequest> => {
  const outcome = await from(query).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(InvalidRequest);
  return outcome as InvalidRequest;
};

/** resvg's parser takes well-formed XML 1.0 only. */
export const expectSafe = (text: string): void => {
  const Resvg = loadResvg();
  expect(new Resvg(text, { font: { loadSystemFonts: false } }).width).toBeGreaterThan(0);
  const elements = new Set(Array.from(text.matchAll(/<([A-Za-z:]+)/g), ([, name]) => name));
  const allowed = 'svg title desc rect g path line text tspan a defs linearGradient stop clipPath'.split(' ');
  expect([...elements].filter((name) => !allowed.includes(name as string))).toEqual([]);
  const links = Array.from(text.matchAll(/(?:href|src|url)\s*[=(]\s*["']?([^"')]*)/g), ([, link]) => link as string);
  expect(links.filter((link) => !/^(#|\.\.\/\.\.\/v1\/records\/)/.test(link))).toEqual([]);
  expect(text).not.toMatch(/<[^>]* (on\w+|style)=/);
};

export const PLOTS: Record<string, object> = {
  line: {},
  bar: { mark: 'bar', x: 'shop' },
  area: { mark: 'area' },
  point: { mark: 'point', x: 'day' },
  heatmap: { mark: 'heatmap' },
};
