import { createHash } from 'node:crypto';
import { pipeline as piped, type Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { SourceRefused } from '@granary/domain/errors';

export const ACCEPT_ENCODING = 'gzip, deflate, br';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Codings may be stacked, but nobody who means well stacks more. */
const MOST_CODINGS = 2;

export type Received = { bytes: number; sha256: string };

/**
 * Streams a body into a sink, decoded, and hashes what is written. Throws SourceRefused as soon as more than
 * `max_bytes` come, over the wire or out of a decoder: a few kilobytes of gzip can hold gigabytes. `onReceived` is told
 * what comes over the wire, piece by piece.
 */
export const receiveBody = async (
  body: Readable,
  encoding: string | undefined,
  sink: Writable,
  max_bytes: number,
  onReceived: (bytes: number) => void = () => {},
): Promise<Received> => {
  const hash = createHash('sha256');
  let bytes = 0;
  const capped = (onChunk: (chunk: Buffer) => void) =>
    async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      let total = 0;
      for await (const chunk of source) {
        total += chunk.length;
        if (total > max_bytes) throw tooLarge(max_bytes);
        onChunk(chunk);
        yield chunk;
      }
    };
  const decoded = capped((chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const steps = [body, capped((chunk) => onReceived(chunk.length)), ...decodersOf(encoding), decoded, sink];
  await pipeline(steps as unknown as [Readable, NodeJS.WritableStream]);
  return { bytes, sha256: hash.digest('hex') };
};

/**
 * As {@link receiveBody}, for who can do with the beginning: what comes behind the first `max_bytes` is left, and what
 * had not come when time was over. `cut` says so.
 */
export const receiveBeginning = async (
  body: Readable,
  encoding: string | undefined,
  sink: Writable,
  max_bytes: number,
  onReceived: (bytes: number) => void = () => {},
): Promise<Received & { cut?: true }> => {
  const hash = createHash('sha256');
  let bytes = 0;
  let isCut = false as boolean;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      onReceived(chunk.length);
      yield chunk;
    }
  };
  const steps = [body, counted, ...decodersOf(encoding)];
  // What befalls it is told by the loop.
  const decoded = piped(steps as unknown as [Readable, Transform], () => {});
  const beginning = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of decoded as unknown as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, max_bytes - bytes);
        hash.update(part);
        bytes += part.length;
        yield part;
        isCut = part.length < chunk.length;
        if (isCut) return;
      }
    } catch (error) {
      isCut = bytes > 0 && (error as Error).name === 'TimeoutError';
      if (!isCut) throw error;
    }
  };
  await pipeline(beginning, sink);
  return { bytes, sha256: hash.digest('hex'), ...(isCut && { cut: true as const }) };
};

export const tooLarge = (max_bytes: number): SourceRefused =>
  new SourceRefused(`The file is larger than the ${max_bytes} bytes that its source may send`);

/** Innermost coding last, as they have to be undone. */
const decodersOf = (encoding: string | undefined): Transform[] => {
  const codings = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) throw new SourceRefused('Content-Encoding stacks too many codings');
  return codings.reverse().map((coding) => {
    const decoder = DECODERS[coding];
    if (!decoder) {
      // Whatever else stands there may be anything, and this is published.
      const named = /^[a-z-]{1,20}$/.test(coding) ? ` '${coding}'` : '';
      throw new SourceRefused(`Content-Encoding${named} is not supported`);
    }
    return decoder();
  });
};
