import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import type { BodyFetcher, FetchedBody } from '@granary/domain/ports/collecting';
import { beginningWithoutPii, withoutQueryOf } from '@granary/domain/rules/pii';
import { ANSWER_LENGTH } from '@granary/domain/rules/run-end';
import type { Dispatcher } from 'undici';
import { endNow, field, type HopOptions, makeHops, type Take } from './follow-redirects.ts';
import { refusal } from './http-errors.ts';
import { receiveBody, tooLarge } from './receive-body.ts';

/** Of the body of an error so much is read. */
const MOST_OF_AN_ERROR = 64 * 1024;

/**
 * The BodyFetcher of the real internet: nothing of a body touches a disk, nor of a good one an error. `close` ends its
 * connections. Errors say the host, the status (null: none came), and of the body its beginning without what may be
 * about people, or of one that began well (2xx) only length and hash.
 */
export const makeBodyFetcher = (options: HopOptions): BodyFetcher & { close(): Promise<unknown> } => {
  const { now = Date.now } = options;
  const hops = makeHops(options);

  const taking =
    (asked: string, max_bytes: number): Take<FetchedBody> =>
    async (answer, url, seen) => {
      const { statusCode: status, headers, body } = answer;
      if (status !== 200) {
        const content = status > 299 || status < 200 ? await beginningOf(answer, asked) : null;
        throw refusal(url, { host: url.host, status, content }, field(headers, 'retry-after'), now());
      }
      const kept = keeping();
      try {
        if (Number(field(headers, 'content-length')) > max_bytes) throw tooLarge(max_bytes);
        await receiveBody(body, field(headers, 'content-encoding'), kept.sink, max_bytes, (bytes) => {
          seen.received += bytes;
        });
        return { body: kept.bytes(), content_type: field(headers, 'content-type') ?? null };
      } catch (error) {
        endNow(body);
        seen.content = kept.lengthAndHash();
        throw error;
      }
    };

  const fetch: BodyFetcher = (wanted) =>
    hops.get(wanted, { accept: wanted.accept }, taking(wanted.url, wanted.max_bytes));
  return Object.assign(fetch, { close: hops.close });
};

const keeping = () => {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const bytes = () => Buffer.concat(chunks);
  return {
    sink,
    bytes,
    lengthAndHash(): string {
      const came = bytes();
      return `${came.byteLength} bytes, sha256 ${createHash('sha256').update(came).digest('hex')}`;
    },
  };
};

/**
 * What the source said of its failure, without the query of what it was `asked`. A body that cannot be read has said as
 * much as came of it.
 */
const beginningOf = async ({ headers, body }: Dispatcher.ResponseData, asked: string): Promise<string | null> => {
  const kept = keeping();
  try {
    await receiveBody(body, field(headers, 'content-encoding'), kept.sink, MOST_OF_AN_ERROR);
  } catch {
    endNow(body);
  }
  return beginningWithoutPii(withoutQueryOf(asked, kept.bytes().toString()), ANSWER_LENGTH) || null;
};
