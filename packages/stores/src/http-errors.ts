import { GranaryError, SourceRefused, SourceThrottled, SourceUnavailable } from '@granary/domain/errors';
import { withoutPii } from '@granary/domain/rules/pii';
import { retryAfter } from '@granary/domain/rules/retry-after';
import type { SourceAnswer } from '@granary/domain/run';

/**
 * An address for messages: what a redirect puts into the query may be a signature, into the path a person's number or
 * address, and messages are published with their runs.
 */
export const shown = ({ origin, pathname, search }: URL): string => `${origin}${withoutPii(pathname)}${search && '?…'}`;

/** The error for an answer that is no file. */
export const refusal = (
  url: URL,
  answer: SourceAnswer & { status: number },
  retry_after: string | undefined,
  now: number,
): GranaryError => {
  const { status } = answer;
  const answered = `${shown(url)} answered ${status}`;
  // A 503 that does not say for how long is a failure like any other: deferred, it would be asked for hours.
  if (status === 429 || (status === 503 && retry_after)) {
    return new SourceThrottled(`${answered} and asks to wait`, retryAfter(retry_after, now), url.host, { answer });
  }
  if (status >= 500 || status === 408 || status === 425) return new SourceUnavailable(answered, { answer });
  return new SourceRefused(answered, { answer });
};

/**
 * What the network, the HTTP parser and the decoders throw, by name of its kind. All of it may be better next time. Our
 * own errors stay, and say what was answered if they did not.
 */
export const inOurWords = (
  error: unknown,
  url: URL,
  { within_ms, received, answer }: { within_ms: number; received: number; answer: SourceAnswer },
): unknown => {
  const {
    name = '',
    code = '',
    message = '',
    cause,
  } = error as Partial<Record<'name' | 'code' | 'message', string>> & {
    cause?: unknown;
  };
  if (error instanceof GranaryError) return withAnswer(error, answer);
  if (cause instanceof GranaryError) return withAnswer(cause, answer);
  const unavailable = (words: string) => new SourceUnavailable(`${shown(url)} ${words}`, { answer });
  if (answer.status !== null && isCut(name, code, message)) {
    return unavailable(`could not be read: the connection was cut after ${received} bytes`);
  }
  if (name === 'HTTPParserError' && answer.status !== null) {
    return unavailable(`stopped answering in HTTP after ${received} bytes`);
  }
  if (name === 'HTTPParserError') return unavailable('did not answer in HTTP');
  if (name === 'TimeoutError') return unavailable(`took longer than ${Math.round(within_ms / 1000)} s`);
  if (/^Z_|^ERR__?ZLIB|^ERR_BROTLI|^ERR_PADDING/.test(code)) {
    return unavailable(`was cut short, or is not encoded as it says (${code})`);
  }
  if (/^UND_ERR_|^HPE_|^E[A-Z]|^CERT_|^DEPTH_|^UNABLE_|^SELF_/.test(code) && code !== 'ENOSPC') {
    return unavailable(`could not be read: ${MEANINGS[code] ?? code}`);
  }
  return error;
};

const withAnswer = (error: GranaryError, answer: SourceAnswer): GranaryError => {
  if (error instanceof SourceRefused && !error.answer) return new SourceRefused(error.message, { answer });
  if (error instanceof SourceUnavailable && !error.answer) return new SourceUnavailable(error.message, { answer });
  return error;
};

/**
 * The answer had begun, and its connection ended before it did: between two chunks, inside one, or short of its
 * Content-Length.
 */
const isCut = (name: string, code: string, message: string): boolean =>
  /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ECONNRESET|EPIPE|HPE_INVALID_EOF_STATE|HPE_CLOSED_CONNECTION)$/.test(
    code,
  ) ||
  (name === 'HTTPParserError' && /eof/i.test(message));

const MEANINGS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
  UND_ERR_SOCKET: 'the connection ended in the middle of the answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it is shorter than it says',
  ECONNREFUSED: 'the host refuses connections',
  ECONNRESET: 'the connection ended in the middle of the answer',
  ENOTFOUND: 'the host has no address',
  EAI_AGAIN: 'the host could not be looked up',
};
