import { type Gateway, startGateway } from '@granary/local/gateway/gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { type Served, serveTable } from '../differential/serve-table.ts';

/**
 * supabase-js as it is installed, told an address and a token and nothing else, against the function of records behind
 * the gateway of
 * `npm start`; and what a page needs to call this machine.
 */
const PAGE = 'http://localhost:5173';
const TOKEN = 'a-token';
const UNLIMITED = { rate: 1000, burst: 1000 };
let served: Served;
let gateway: Gateway;
let root: string;
// biome-ignore lint/suspicious/noExplicitAny: a client without types of the tables.
let client: SupabaseClient<any>;

const clientOf = (token: string) =>
  createClient(root, token, { auth: { persistSession: false, autoRefreshToken: false } });

beforeAll(async () => {
  served = await serveTable(TOKEN);
  const status = async () => {
    throw new Error('There is no status page here.');
  };
  const corsOrigins = ['http://localhost:*', 'http://127.0.0.1:*'];
  const apiPort = Number(new URL(served.url).port);
  gateway = await startGateway({ port: 0, apiPort, corsOrigins, throttle: UNLIMITED, status });
  root = gateway.address.replace('localhost', '127.0.0.1');
  client = clientOf(TOKEN);
}, 180_000);
afterAll(async () => {
  await gateway?.close();
  await served?.close();
});

const wine = () => client.from('wine');
const ask = (path: string, init: RequestInit = {}) =>
  fetch(root + path, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } });

describe('@supabase/supabase-js', () => {
  it('reads rows with filters, an order, a range and a count', async () => {
    const { data, error, count, status } = await wine()
      .select('id,product,amount:quantity', { count: 'exact' })
      .gte('year', 1970)
      .in('product', ['Tinto', 'Hebdon, John'])
      .not('quantity', 'is', null)
      .order('id', { ascending: false })
      .range(0, 3);
    expect({ error, status }).toEqual({ error: null, status: 206 });
    expect(data).toHaveLength(4);
    expect(count).toBeGreaterThan(4);
    const ids = data?.map(({ id }) => id as number) ?? [];
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    for (const { product, amount } of data ?? []) {
      expect(['Tinto', 'Hebdon, John']).toContain(product);
      expect(amount).toEqual(expect.any(Number));
    }
  });

  it('reads by regular expressions, one row, a count alone, and CSV', async () => {
    const found = await wine().select('product').filter('product', 'imatch', '^istan(bul|poli)$');
    expect([...new Set(found.data?.map(({ product }) => product))].sort()).toEqual(['ISTANBUL', 'istanbul']);
    const one = await wine().select('id,product').eq('id', 1).single();
    expect(one.data).toEqual({ id: 1, product: 'Tinto' });
    const counted = await wine().select('*', { count: 'exact', head: true });
    expect([counted.error, counted.count]).toEqual([null, 480]);
    const { data: csv } = await wine().select('id,product').eq('id', 1).csv();
    expect(csv).toBe('id,product\r\n1,Tinto\r\n');
    expect((await wine().select('id').limit(2).stripNulls()).data).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('hears of errors by their codes: of a query, of a table, of what cannot be written or called, of a token', async () => {
    const code = async (asked: PromiseLike<{ error: { code?: string } | null; status: number }>) => {
      const { error, status } = await asked;
      return [status, error?.code];
    };
    expect(await code(wine().select('nothing'))).toEqual([400, '42703']);
    expect(await code(client.from('nothing').select())).toEqual([404, 'PGRST205']);
    expect(await code(wine().insert({ id: 0 }))).toEqual([405, 'PGRST117']);
    expect(await code(wine().delete().eq('id', 1))).toEqual([405, 'PGRST117']);
    expect(await code(client.rpc('nothing'))).toEqual([404, 'not-found']);
    expect(await code(clientOf('another').from('wine').select())).toEqual([401, 'PGRST301']);
  });

  it('R9: may be used by a page that is served on another port of this machine', async () => {
    const path = '/rest/v1/wine?limit=1';
    const asked = 'apikey, authorization, x-client-info, accept-profile, prefer';
    const preflight = await fetch(root + path, {
      method: 'OPTIONS',
      headers: { origin: PAGE, 'access-control-request-method': 'GET', 'access-control-request-headers': asked },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(preflight.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase().split(/, */);
    expect(allowed).toEqual(expect.arrayContaining(asked.split(', ')));
    const rows = await ask(path, { headers: { origin: PAGE } });
    expect([rows.status, rows.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    expect(rows.headers.get('access-control-expose-headers')).toContain('Content-Range');
    const elsewhere = await ask(path, { headers: { origin: 'https://evil.example' } });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });

  it("R10: HEAD of anything says GET's length or none, and GET's ETag", async () => {
    for (const [path, encoding] of [
      ['/v1/records', 'gzip'],
      ['/v1/records', 'identity'],
      ['/rest/v1/wine?limit=1', 'gzip'],
      ['/v1/records/wine', 'br'],
      ['/v1/records/wine?format=csv', 'identity'],
      ['/v1/records/nothing', 'identity'],
      ['/nowhere', 'identity'],
    ] as const) {
      const headers = { 'accept-encoding': encoding };
      const [get, head] = [await ask(path, { headers }), await ask(path, { method: 'HEAD', headers })];
      const said = ({ status, headers: all }: Response) => [path, status, all.get('etag'), all.get('content-type')];
      expect(said(head)).toEqual(said(get));
      expect([null, get.headers.get('content-length')]).toContain(head.headers.get('content-length'));
      expect(await head.text()).toBe('');
    }
  });

  it('R8: hears of a method that is not taken what PostgREST would say, and which there are', async () => {
    for (const path of ['/v1/records/wine', '/rest/v1/wine', '/rest/v1/', '/v1/records']) {
      const refused = await fetch(root + path, { method: 'POST', body: '{}' });
      expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD, OPTIONS']);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(await refused.json()).toMatchObject({
        code: 'PGRST117',
        message: expect.any(String),
        details: null,
        hint: null,
      });
      expect((await fetch(root + path, { method: 'OPTIONS' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    }
  });
});
