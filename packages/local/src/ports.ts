import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sentence } from './sentences.ts';

export type Ports = {
  gateway: number;
  api: number;
  apiLambda: number;
  ingestion: number;
  ingestionLambda: number;
  replica: number;
  replicaUsers: number;
  replicaPortal: number;
  aws: number;
};

/** 4000 gives the addresses of docs/contracts, 4566 for the embedded AWS among them; any other port moves them all. */
export const portsFrom = (gateway: number): Ports => ({
  gateway,
  api: gateway + 1,
  apiLambda: gateway + 2,
  ingestion: gateway + 3,
  ingestionLambda: gateway + 4,
  replica: gateway + 10,
  replicaUsers: gateway + 11,
  replicaPortal: gateway + 12,
  aws: gateway + 566,
});

const NAMES: Readonly<Record<keyof Ports, string>> = {
  gateway: 'the one address',
  api: 'the API',
  apiLambda: "the API's functions",
  ingestion: 'ingestion',
  ingestionLambda: "ingestion's functions",
  replica: 'the replica of the sources',
  replicaUsers: "the replica's users",
  replicaPortal: "the replica's open-data portal",
  aws: 'the embedded AWS',
};

/** Ports above 1023 that browsers and Node's fetch refuse to speak to (fetch.spec.whatwg.org, port blocking). */
const BLOCKED = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/**
 * Also by the other address that `localhost` may mean, and not by listening alone: macOS lets a server of all addresses
 * and one of 127.0.0.1 have the same port, and a client of `localhost` would then reach either.
 */
const isFree = async (port: number): Promise<boolean> => {
  if ((await Promise.all(LOOPBACKS.map((host) => answers(port, host)))).some(Boolean)) return false;
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return false;
  } finally {
    server.close();
  }
};

/** Of the gateway: the embedded AWS lies 566 above. */
export const LARGEST_PORT = 64_000;
/** A start beside this one, which keeps the folder of the state that was asked for. */
const startElsewhere = ({ gateway }: Ports, state: string | undefined) =>
  `npm start -- ${state ? `--state ${state} ` : ''}--port ${gateway + (gateway + 1000 > LARGEST_PORT ? -1000 : 1000)}`;

/**
 * A sentence about the first port that cannot be used, or undefined when all of `needed` can. `state`: as it was asked
 * for.
 */
export const unusablePort = async (
  ports: Ports,
  needed: readonly (keyof Ports)[],
  state?: string,
): Promise<string | undefined> => {
  for (const name of needed) {
    if (BLOCKED.has(ports[name])) {
      return `Port ${ports[name]}, meant for ${NAMES[name]}, is one that browsers refuse. Choose another: ${startElsewhere(ports, state)}`;
    }
    if (await isFree(ports[name])) continue;
    const guess = ports[name] === 4566 ? 'LocalStack or another Granary' : 'another Granary or some other server';
    return (
      `Port ${ports[name]}, meant for ${NAMES[name]}, is taken (perhaps by ${guess}). ` +
      `Stop that, or start with other ports: ${startElsewhere(ports, state)}`
    );
  }
  return undefined;
};

const LOOPBACKS = ['127.0.0.1', '::1'];
const answers = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

/**
 * Resolves when something listens on all of these ports; rejects with a Sentence when that takes longer than `limit_s`.
 */
export const untilListening = async (
  ports: readonly number[],
  signal: AbortSignal,
  logs: string,
  limit_s = 120,
): Promise<void> => {
  const until = performance.now() + limit_s * 1000;
  for (const port of ports) {
    while (!(await answers(port))) {
      if (performance.now() > until) {
        throw new Sentence(
          `The services do not answer after ${limit_s} s (port ${port}). Their logs in ${logs} say how far they came. Start again with npm start; a machine under much load may need a second try.`,
        );
      }
      await sleep(50, undefined, { signal });
    }
  }
};
