import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf, type SeededRandom } from '@granary/replica/prng';

type Place = { host: string; path: string; random: SeededRandom };
type Rude = (socket: Socket, place: Place) => Promise<void>;

const head = (line: string, ...headers: string[]) => [line, ...headers, '', ''].join('\r\n');
const say = (socket: Socket, text: string | Buffer) => void (socket.writable && socket.write(text));
const wait = (random: SeededRandom, most_ms: number) => sleep(random.integer(0, most_ms));

/** Says something whole and malformed, and hears what comes for a moment. */
const malformed =
  (text: (place: Place) => string | Buffer): Rude =>
  async (socket, place) => {
    say(socket, text(place));
    await wait(place.random, 30);
  };

const get = ({ path, host }: Place, ...more: string[]) => head(`GET ${path} HTTP/1.1`, `Host: ${host}`, ...more);
const post = ({ path, host }: Place, ...more: string[]) => head(`POST ${path} HTTP/1.1`, `Host: ${host}`, ...more);

/** What clients do wrong, each by a socket of its own, which is closed or reset afterwards. */
const KINDS: Readonly<Record<string, Rude>> = {
  'hangs up at once': async (socket, place) => say(socket, get(place)),
  'hangs up a little later': async (socket, place) => {
    say(socket, get(place));
    await wait(place.random, 40);
  },
  'never finishes its head': async (socket, place) => {
    say(socket, `GET ${place.path} HTTP/1.1\r\nHos`);
    await wait(place.random, 80);
  },
  'says less than it promised': async (socket, place) => {
    say(socket, `${post(place, 'Content-Length: 1000', 'Content-Type: application/json')}{`);
    await wait(place.random, 40);
  },
  'says a byte and keeps waiting': async (socket, place) => {
    say(socket, `${post(place, 'Content-Length: 1000', 'Content-Type: application/json')}{`);
    await sleep(300);
  },
  'reads nothing of three answers': async (socket, place) => {
    socket.pause();
    say(socket, get(place).repeat(3));
    await wait(place.random, 80);
  },
  'has no method': malformed(() => 'hello\r\n\r\n'),
  'speaks TLS': malformed(() => Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0xff])),
  'sends zeros': malformed(() => Buffer.alloc(2000)),
  'has no host': malformed(({ path }) => head(`GET ${path} HTTP/1.1`)),
  'is of 1996': malformed(({ path }) => head(`GET ${path} HTTP/1.0`)),
  'has a path that is no UTF-8': malformed((place) => get({ ...place, path: '/%ff%fe' })),
  'has a path of bytes': malformed((place) => Buffer.from(get({ ...place, path: '/\xe9\xff' }), 'latin1')),
  'asks for another server': malformed((place) => get({ ...place, path: 'http://evil.example/' })),
  'asks for nothing': malformed((place) => head('OPTIONS * HTTP/1.1', `Host: ${place.host}`)),
  'wants a tunnel': malformed(() => head('CONNECT 169.254.169.254:80 HTTP/1.1', 'Host: 169.254.169.254:80')),
  'wants another protocol': malformed((place) =>
    get(place, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='),
  ),
  'has a header of 100 kB': malformed((place) => get(place, `X-Long: ${'x'.repeat(100_000)}`)),
  'has two lengths': malformed((place) => `${post(place, 'Content-Length: 1', 'Content-Length: 2')}ab`),
  'has a length and chunks': malformed(
    (place) => `${post(place, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  'has chunks that are none': malformed((place) => `${post(place, 'Transfer-Encoding: chunked')}zz\r\nxx\r\n`),
  'expects to be told to go on': malformed((place) => post(place, 'Expect: 100-continue', 'Content-Length: 5')),
  'has JSON in a cookie': malformed((place) => get(place, 'Cookie: foo={"a":1}')),
  'has no JSON in its body': malformed(
    (place) => `${post(place, 'Content-Type: application/json', 'Content-Length: 4')}{"a"`,
  ),
};

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

/** One after the other until all `count` are done, `at_once` at a time. */
const severalAtOnce = async (count: number, at_once: number, work: (n: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const turn = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: at_once }, turn));
};

/**
 * Sends `count` aborted, slow and malformed requests to a port of this machine, what and when by the seed. Resolves
 * with how often each kind was sent; what they are answered is of no interest, only who else is answered, and that the
 * server is there afterwards.
 */
export const sendRudeRequests = async (options: {
  ports: readonly number[];
  paths: readonly string[];
  count: number;
  seed: string;
  at_once?: number;
}): Promise<ReadonlyMap<string, number>> => {
  const { ports, paths, count, seed, at_once = 10 } = options;
  const sent = new Map<string, number>();
  const kinds = Object.keys(KINDS);
  await severalAtOnce(count, at_once, async (n) => {
    const random = randomOf('rude', seed, n);
    const port = ports[random.integer(0, ports.length - 1)]!;
    const kind = kinds[random.integer(0, kinds.length - 1)]!;
    const path = paths[random.integer(0, paths.length - 1)]!;
    sent.set(kind, (sent.get(kind) ?? 0) + 1);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const connected = await Promise.race([
      new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
      closed(socket).then(() => false),
    ]);
    if (!connected) throw new Error(`Nothing listens on port ${port} any more (seed ${seed}, request ${n}).`);
    await KINDS[kind]!(socket, { host: `127.0.0.1:${port}`, path, random });
    if (random.chance(0.5)) socket.resetAndDestroy();
    else socket.destroy();
    await closed(socket);
  });
  return sent;
};
