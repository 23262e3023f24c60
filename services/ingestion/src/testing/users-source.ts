import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A user as the source gave one, before any policy. */
export type GivenUser = Record<string, unknown> & {
  password?: string;
  email?: string;
  phone_number?: string;
  social_insurance_number?: string;
  credit_card?: { cc_number?: string };
};

/** What is answered in the place of the users: sent as it is; broken off after some bytes; not at all. */
export type Reply =
  | { status?: number; headers?: Record<string, string>; body: string | Uint8Array }
  | { cut_at: number }
  | 'hang';

/** `size`: how many users were asked for. `body`: what the replica answered. Undefined: that is sent. */
export type Answer = (asked: { size: number; body: string }) => Reply | undefined;

/** `seed` always gives the same numbers, each at least 0 and below 1 (mulberry32). */
export const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/**
 * So large a share of the requests fails, in every way in which it fails at once; the body of a failure holds users
 * where it can.
 */
export const failing = (share: number, seed: number): Answer => {
  const random = randomOf(seed);
  return ({ body }) => {
    if (random() >= share) return undefined;
    const kinds: Reply[] = [
      { status: 500, body },
      { status: 503, body: 'Service Unavailable' },
      { status: 429, headers: { 'retry-after': '1' }, body: 'Too many requests' },
      { cut_at: Math.floor(body.length * random()) },
      { status: 200, body: body.slice(0, Math.floor(body.length * random())) },
      { status: 200, body: `<html><body>Error: ${body}</body></html>` },
      { status: 200, body: '{"message":"Maximum allowed size is 100"}' },
    ];
    return kinds[Math.floor(random() * kinds.length)];
  };
};

/**
 * For tests: stands between the workers and the replica, remembers every user that was given, and answers otherwise
 * where it is told to. `base`: where the replica gives users.
 */
export const startUsersSource = async (base: string) => {
  const given: GivenUser[] = [];
  let answer: Answer = () => undefined;
  let requests = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const asked = new URL(request.url ?? '/', base);
    const upstream = await fetch(asked);
    const body = await upstream.text();
    if (upstream.ok) given.push(...[JSON.parse(body)].flat());
    const reply = answer({ size: Number(asked.searchParams.get('size')), body });
    if (reply === 'hang') return;
    if (reply === undefined || 'cut_at' in reply) {
      const bytes = Buffer.from(body);
      response.writeHead(upstream.status, { 'content-type': 'application/json', 'content-length': bytes.length });
      if (reply === undefined) return void response.end(bytes);
      return void response.write(bytes.subarray(0, reply.cut_at), () => response.destroy());
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body);
  };

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(base);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    given,
    requests: () => requests,
    answerBy(next: Answer): void {
      answer = next;
    },
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export type UsersTestSource = Awaited<ReturnType<typeof startUsersSource>>;
