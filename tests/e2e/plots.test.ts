import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ARM64, itOn } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/plots.md'), 'utf8');
const PLOTS = Array.from(page.matchAll(/^`GET \/v1\/plots\/([^`]+)`$/gm), ([, plot]) => plot as string);
const withFormat = (plot: string, format: string) =>
  `/v1/plots/${plot}${plot.includes('?') ? '&' : '?'}format=${format}`;
const sha256 = (bytes: ArrayBuffer) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

describe('the plots of docs/plots.md, of the collected datasets', () => {
  const state = newState();
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ state, collected: true });
  }, 360_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('are five', () => expect(PLOTS).toHaveLength(5));

  const drawTwice = async (plot: string, format: string, type: string): Promise<Buffer> => {
    const [one, other] = [await stack.get(withFormat(plot, format)), await stack.get(withFormat(plot, format))];
    expect([one.status, one.headers.get('content-type')]).toEqual([200, type]);
    const bytes = await one.arrayBuffer();
    expect(sha256(bytes)).toBe(sha256(await other.arrayBuffer()));
    return Buffer.from(bytes);
  };

  it.each(PLOTS)(
    '%s is drawn as SVG, twice with equal bytes',
    async (plot) => {
      const svg = await drawTwice(plot, 'svg', 'image/svg+xml');
      expect(svg.toString()).toMatch(/^<svg .*<title>.+<\/title><desc>.+<\/desc>/);
    },
    180_000,
  );
  for (const plot of PLOTS)
    itOn(
      ARM64,
      `${plot} is drawn as PNG, twice with equal bytes`,
      async () => {
        const png = await drawTwice(plot, 'png', 'image/png');
        expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 450]);
      },
      180_000,
    );

  it('are not sent again to whoever has them, and need a token', async () => {
    const path = '/v1/plots/embrapa_producao?version=1';
    const first = await stack.get(path);
    expect(first.headers.get('cache-control')).toContain('immutable');
    const held = await stack.get(path, { 'if-none-match': first.headers.get('etag') as string });
    expect(held.status).toBe(304);
    const anonymous = await fetch(stack.url(path));
    expect(anonymous.status).toBe(401);
  }, 180_000);

  it('link to the rows that they draw', async () => {
    const at = '/v1/plots/embrapa_exp_vinho?year=gte.2020&country=ilike.pa*';
    const svg = await (await stack.get(at)).text();
    const link = /<a href="([^"]+)">/.exec(svg)?.[1]?.replaceAll('&#38;', '&') as string;
    const { pathname, search } = new URL(link, `http://127.0.0.1${at}`);
    const rows = await stack.json<{ country: string; year: number; quantity_kg: number | null }[]>(pathname + search);
    const drawn = await stack.json(`${at}&series=&y=quantity_kg&format=vega`);
    for (const { x, y } of drawn.data.values) {
      const ofYear = rows.filter(({ year }) => year === x);
      expect(ofYear.reduce((sum, { quantity_kg }) => sum + (quantity_kg ?? 0), 0)).toBeCloseTo(y, 3);
    }
    expect(rows.every(({ country, year }) => /^pa/i.test(country) && year >= 2020)).toBe(true);
    expect(drawn.data.values.length).toBeGreaterThan(0);
  }, 180_000);

  it('are refused in words', async () => {
    const answer = await stack.get('/v1/plots/embrapa_producao?x=__proto__&width=1e9');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'width' }] });
  }, 180_000);
});
