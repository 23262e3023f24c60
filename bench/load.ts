import { connect } from 'node:net';

export type Load = {
  port: number;
  path: string;
  headers: Readonly<Record<string, string>>;
  connections: number;
  seconds: number;
};

/**
 * Requests a second that a server answers: each connection asks, reads the answer to its last byte and asks again, on a
 * new connection when the server has closed it. Written on bare sockets so that the client takes as little as possible
 * of the machine that it shares with the server. Throws unless all answers are 200.
 */
export const requestsPerSecond = async ({ port, path, headers, connections, seconds }: Load): Promise<number> => {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const question = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let answers = 0;

  /** Resolves when the connection is closed, by the server or because the time is over. */
  const oneConnection = () =>
    new Promise<void>((resolve, reject) => {
      let missing = 0;
      let head = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(question));
      const answered = () => {
        answers++;
        if (performance.now() < end) socket.write(question);
        else socket.destroy();
      };
      socket.setNoDelay(true);
      socket.setTimeout(10_000, () => socket.destroy(new Error('A benchmarked server was silent for 10 s.')));
      socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)));
      socket.on('close', () => resolve());
      socket.on('data', (chunk) => {
        if (missing === 0) {
          head += chunk.toString('latin1');
          const headEnd = head.indexOf('\r\n\r\n');
          if (headEnd < 0) return;
          const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
          if (!head.startsWith('HTTP/1.1 200') || length === undefined) {
            socket.destroy(new Error(`A benchmarked server answered: ${head.slice(0, 300)}`));
            return;
          }
          missing = Number(length) - (head.length - headEnd - 4);
          head = '';
        } else missing -= chunk.length;
        if (missing === 0) answered();
      });
    });
  const oneClient = async () => {
    while (performance.now() < end) await oneConnection();
  };
  await Promise.all(Array.from({ length: connections }, oneClient));
  return (answers * 1000) / (performance.now() - begun);
};
