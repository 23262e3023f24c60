import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM } from '@granary/local/testing/wanted';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import { endedRun, listRuns, planNow, setReplica } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

/** Columns may be selected as often as one likes: 2,754 rows of these are 6 MB and more. */
const BIG = `/v1/records/embrapa_producao?select=${Array(16).fill('*').join(',')}`;

describe('records of a running stack', () => {
  const state = newState();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ state, collected: true });
    await endedRun(stack);
  }, 540_000);
  afterAll(async () => {
    await stack?.stop();
    dropState(state);
  }, 90_000);

  it('come in every format and encoding, and 304 when nothing changed', async () => {
    const path = '/v1/records/embrapa_imp_vinhos?year=gte.2000';
    const plain = await stack.get(path, { 'accept-encoding': 'identity' });
    const bytes = Buffer.from(await plain.arrayBuffer());
    expect(plain.headers.get('repr-digest')).toBe(`sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`);
    for (const encoding of ['gzip', 'br']) {
      const answer = await stack.get(path, { 'accept-encoding': encoding });
      expect(answer.headers.get('content-encoding')).toBe(encoding);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
      const etag = answer.headers.get('etag') as string;
      expect((await stack.get(path, { 'if-none-match': etag, 'accept-encoding': encoding })).status).toBe(304);
    }
    const rows = JSON.parse(bytes.toString()).length;
    const text = async (format: string) => (await stack.get(`${path}&format=${format}`)).text();
    expect((await text('ndjson')).trimEnd().split('\n')).toHaveLength(rows);
    expect((await text('csv')).trimEnd().split('\r\n')).toHaveLength(rows + 1);
    for (const [format, magic] of [
      ['parquet', 'PAR1'],
      ['xlsx', 'PK'],
    ]) {
      const answer = await stack.get(`${path}&format=${format}`);
      expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toMatch(new RegExp(`^${magic}`));
    }
  }, 180_000);

  it('are there at every address that docs/query.md shows', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/query.md'), 'utf8');
    const addresses = [...page.matchAll(/`(\/v1\/records\/[^`{]+)`/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of addresses) {
      const answer = await stack.get(address);
      expect({ address, status: answer.status }).toEqual({ address, status: 200 });
      expect((await answer.text()).length).toBeGreaterThan(50);
    }
  }, 90_000);

  it('too big to be sent are a 303 to an object whose digest and rows are those that were said', async () => {
    const answer = await stack.get(BIG);
    expect(answer.status).toBe(303);
    const said = (await answer.json()) as { rows: number; bytes: number; sha256: string };
    const location = new URL(answer.headers.get('location') as string);
    expect(location.searchParams.get('X-Amz-Credential')).toContain(`/${stack.region}/`);
    const object = await fetch(location);
    const bytes = Buffer.from(await object.arrayBuffer());
    expect(bytes.length).toBe(said.bytes);
    expect(bytes.length).toBeGreaterThan(6_000_000);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(said.sha256);
    expect(JSON.parse(bytes.toString())).toHaveLength(said.rows);
    expect([object.headers.get('x-amz-meta-rows'), object.headers.get('x-amz-meta-sha256')]).toEqual([
      String(said.rows),
      said.sha256,
    ]);
    expect(object.headers.get('content-type')).toContain('application/json');
    expect(object.headers.get('content-disposition')).toContain('embrapa_producao_v1.json');
  }, 180_000);

  needsLocal('its page and the API are two names of one machine').itWith(
    CHROMIUM,
    'reach a page of another origin in a browser, through the redirect too',
    async (executablePath) => {
      const browser = await chromium.launch({
        executablePath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      });
      try {
        // The page is of localhost, the API of 127.0.0.1: to a browser they are two origins, and the objects' port is a
        // third. The page's own policy lets it call nobody; that is not what is looked at here.
        const page = await browser.newPage({ bypassCSP: true });
        await page.goto(`http://localhost:${stack.port}/health`);
        const read = (path: string, token: string) =>
          page.evaluate(
            async ([url, authorization]) => {
              const answer = await fetch(url, { headers: { authorization, prefer: 'count=exact', range: '0-99999' } });
              const text = await answer.text();
              return {
                status: answer.status,
                redirected: answer.redirected,
                range: answer.headers.get('content-range'),
                rows: JSON.parse(text).length,
                held: answer.headers.get('x-amz-meta-rows'),
              };
            },
            [`http://127.0.0.1:${stack.port}${path}`, `Bearer ${token}`] as const,
          );
        const token = await stack.token();
        const small = await read('/v1/records/embrapa_imp_vinhos?year=eq.2000', token);
        expect(small).toMatchObject({ status: 200, redirected: false, range: `0-${small.rows - 1}/${small.rows}` });
        const big = await read(BIG, token);
        expect(big).toMatchObject({ status: 200, redirected: true, held: String(big.rows) });
        expect(big.rows).toBeGreaterThan(2000);
      } finally {
        await browser.close();
      }
    },
    180_000,
  );

  it.each<[string, string]>([
    ['everything twice', 'select=*,*&limit=5'],
    ['200 conditions', `and=(${Array(200).fill('year.gt.0').join(',')})&limit=1`],
    ['50 levels', `and=${'(and'.repeat(50)}(year.gt.0)${')'.repeat(50)}`],
    ['2,000 values', `year=in.(${Array.from({ length: 2000 }, (_, index) => index).join(',')})&limit=1`],
    ['a pattern made to be slow', `product=ilike.${'*a'.repeat(400)}b`],
    ['NaN', 'quantity=eq.NaN'],
    ['a day out of range', 'processing_date=gt.999999-01-01'],
    ['SQL', "select=*;ATTACH%20'x'--&product=eq.';COPY%20x%20TO%20'/tmp/x'--"],
    ['a file', "select=read_csv('/etc/passwd')"],
  ])(
    'answer %s soon, with rows or with a 400 that says why',
    async (_what, query) => {
      const answer = await stack.get(`/v1/records/embrapa_producao?${query}`);
      const text = await answer.text();
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400)
        expect(JSON.parse(text)).toMatchObject({ code: expect.any(String), message: expect.any(String) });
      expect(text).not.toMatch(/root:|node_modules|\bat .*\.ts:\d/);
    },
    30_000,
  );

  it('are pages of one version, each row once, while the next version is published', async () => {
    const count = async (query: string) =>
      ((await stack.json(`/v1/records/embrapa_producao?select=count()${query}`)) as [{ count: number }])[0].count;
    const before = await count('');
    const seen: string[] = [];
    let path: string | undefined =
      '/v1/records/embrapa_producao?select=section,product,product_code,year,line&limit=250&order=year.desc';
    let pages = 0;
    const [run] = await listRuns(stack);
    while (path !== undefined) {
      const answer: Response = await stack.get(path);
      expect(answer.status).toBe(200);
      seen.push(...((await answer.json()) as object[]).map((row) => JSON.stringify(row)));
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      if (++pages !== 3) continue;
      // Throws unless the replica has taken it.
      await setReplica(stack, { vintage: 2024 });
      await planNow(stack);
      await endedRun(stack, run);
    }
    expect(pages).toBeGreaterThan(10);
    expect(seen).toHaveLength(before);
    expect(new Set(seen).size).toBe(before);
    // There is a newer one, and the old one is still what it was.
    expect(await count('')).toBeGreaterThan(before);
    expect(await count('&version=1')).toBe(before);
    const { items } = await stack.json('/v1/datasets/embrapa_producao/versions');
    const [, first] = items as { published_at: string }[];
    expect(await count(`&as_of=${first.published_at}`)).toBe(before);
    const early = await stack.get('/v1/records/embrapa_producao?as_of=2001-01-01');
    expect([early.status, ((await early.json()) as { detail: string }).detail]).toEqual([
      404,
      expect.stringContaining(first.published_at),
    ]);
  }, 540_000);
});
