import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Fault, WireFault } from './faults.ts';
import type { SiteDocument } from './site.ts';

const HUGE_BYTES = 200_000_000;
const BOMB_BYTES = 2 ** 30;

const ERROR_PAGE = `<!DOCTYPE html>
<html lang="pt-br"><head><title>Erro</title></head>
<body><h1>Serviço temporariamente indisponível</h1><p>Tente novamente mais tarde.</p></body></html>
`;

/** Rows that look like a file of the site, about a MiB of them. */
const manyRows = (): Buffer => {
  const row = `1;vm_Tinto;Tinto;${Array.from({ length: 54 }, (_, i) => 1_000_000 + i).join(';')}\n`;
  return Buffer.from(row.repeat(Math.ceil(2 ** 20 / row.length)));
};

/** Writes the pieces until they are out or the reader is gone; never buffers more than one ahead. */
const pour = async (response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> => {
  for (const piece of pieces) {
    if (response.destroyed) break;
    if (response.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.on('drain', go).on('close', go);
    });
  }
  response.end();
};

/** At least `bytes` of what the document is made of; `packed` is done to every piece, once. */
function* floodOf(document: SiteDocument, bytes: number, packed = (piece: Buffer) => piece): Iterable<Buffer> {
  const { open, piece, close } = document.flood?.() ?? { open: '', piece: manyRows(), close: '' };
  const again = packed(piece);
  if (open) yield packed(Buffer.from(open));
  for (let i = Math.ceil(bytes / piece.length); i > 0; i--) yield again;
  if (close) yield packed(Buffer.from(close));
}

type Answer = { request: IncomingMessage; response: ServerResponse; document: SiteDocument; fault: Fault };

const text = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string | number> = {},
): void => {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
};

const ANSWERS: Record<WireFault, (answer: Answer) => void | Promise<void>> = {
  '429': ({ response, fault }) =>
    text(response, 429, 'Too many requests.\n', { 'retry-after': fault.retry_after_s ?? 2 }),
  '500': ({ response }) => text(response, 500, 'Internal server error.\n'),
  cut: ({ response, document: { content_type, body } }) => {
    response.writeHead(200, { 'content-type': content_type, 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  },
  slow: async ({ response, document: { content_type, body }, fault }) => {
    response.writeHead(200, { 'content-type': content_type, 'content-length': body.length });
    const size = Math.max(1, Math.ceil(body.length / 20));
    for (let at = 0; at < body.length && !response.destroyed; at += size) {
      response.write(body.subarray(at, at + size));
      await sleep(fault.delay_ms ?? 250, undefined, { ref: false });
    }
    response.end();
  },
  hang: () => undefined,
  'redirect-private': ({ response, fault }) =>
    text(response, 302, 'Moved.\n', { location: fault.location ?? 'http://169.254.169.254/latest/meta-data/' }),
  'redirect-loop': ({ request, response }) => {
    const url = new URL(request.url ?? '/', 'http://replica');
    url.searchParams.set('hop', String(Number(url.searchParams.get('hop') ?? 0) + 1));
    text(response, 302, 'Moved.\n', { location: url.pathname + url.search });
  },
  html: ({ response, document }) => text(response, 200, ERROR_PAGE, { 'content-type': document.content_type }),
  empty: ({ response, document }) => text(response, 200, '', { 'content-type': document.content_type }),
  huge: async ({ response, document, fault }) => {
    response.writeHead(200, { 'content-type': document.content_type });
    await pour(response, floodOf(document, fault.bytes ?? HUGE_BYTES));
  },
  'zip-bomb': async ({ response, document, fault }) => {
    // gzip allows members one after the other, so one compressed MiB sent often enough is a bomb at no cost.
    response.writeHead(200, { 'content-type': document.content_type, 'content-encoding': 'gzip' });
    await pour(response, floodOf(document, fault.bytes ?? BOMB_BYTES, gzipSync));
  },
};

/** Answers a request as the fault wants it. Status as sent; 0 for `hang`. */
export const answerWithFault = async (kind: WireFault, answer: Answer): Promise<void> => {
  // The headers alone, without the trouble, when the body is not asked for.
  if (
    answer.request.method === 'HEAD' &&
    (kind === 'huge' || kind === 'zip-bomb' || kind === 'slow' || kind === 'cut')
  ) {
    answer.response.writeHead(200, { 'content-type': answer.document.content_type });
    answer.response.end();
    return;
  }
  await ANSWERS[kind](answer);
};
