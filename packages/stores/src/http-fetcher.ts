import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetched, Fetcher, FetchRequest } from '@granary/domain/ports/collecting';
import { discard, endNow, field, type HopOptions, makeHops, type Take } from './follow-redirects.ts';
import { refusal } from './http-errors.ts';
import { receiveBeginning, receiveBody, tooLarge } from './receive-body.ts';

export type HttpFetcherOptions = HopOptions & {
  /** A folder for the files. */
  tmpdir: string;
};

/** The Fetcher of the real internet. `close` ends its connections. */
export const makeHttpFetcher = ({
  tmpdir,
  ...options
}: HttpFetcherOptions): Fetcher & { close(): Promise<unknown> } => {
  const { now = Date.now } = options;
  const hops = makeHops(options);

  const taking =
    (wanted: FetchRequest): Take<Fetched> =>
    async ({ statusCode, headers, body }, url, seen) => {
      if (statusCode !== 200) {
        await discard(body);
        if (statusCode === 304 && (wanted.etag || wanted.last_modified)) return { status: 'not-modified' };
        const answer = { host: url.host, status: statusCode, content: null };
        throw refusal(url, answer, field(headers, 'retry-after'), now());
      }
      const path = join(tmpdir, `granary-fetch-${randomUUID()}`);
      try {
        if (!wanted.beginning && Number(field(headers, 'content-length')) > wanted.max_bytes)
          throw tooLarge(wanted.max_bytes);
        const encoding = field(headers, 'content-encoding');
        const counted = (bytes: number) => {
          seen.received += bytes;
        };
        const receive = wanted.beginning ? receiveBeginning : receiveBody;
        const received = await receive(body, encoding, createWriteStream(path), wanted.max_bytes, counted);
        return {
          status: 'fetched',
          path,
          ...received,
          etag: field(headers, 'etag') ?? null,
          last_modified: field(headers, 'last-modified') ?? null,
          content_type: field(headers, 'content-type') ?? null,
          link: field(headers, 'link') ?? null,
        };
      } catch (error) {
        endNow(body);
        await rm(path, { force: true });
        throw error;
      }
    };

  const fetch: Fetcher = (wanted) => hops.get(wanted, headersOf(wanted), taking(wanted));
  return Object.assign(fetch, { close: hops.close });
};

const headersOf = ({ accept = '*/*', etag, last_modified }: FetchRequest): Record<string, string> => ({
  accept,
  ...(etag && { 'if-none-match': etag }),
  ...(last_modified && { 'if-modified-since': last_modified }),
});
