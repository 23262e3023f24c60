import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Encoding } from './content-encoding.ts';

/** A body as API Gateway takes it, and its length on the wire. */
export type WireBody = { body: string; base64: boolean; bytes: number };

/**
 * A body that never changes, with each of its encoded forms made at most once: a warm function answers from it without
 * compressing, or even encoding to base64, again.
 */
export class KeptBody {
  readonly content_type: string;
  readonly #identity: WireBody;
  #gzip: WireBody | undefined;
  #br: WireBody | undefined;

  constructor(text: string, content_type = 'application/json') {
    this.content_type = content_type;
    this.#identity = { body: text, base64: false, bytes: Buffer.byteLength(text) };
  }

  wire(encoding: Encoding): WireBody {
    if (encoding === 'gzip') {
      this.#gzip ??= encoded(gzipSync(this.#identity.body, { level: 6 }));
      return this.#gzip;
    }
    if (encoding === 'br') {
      this.#br ??= encoded(brotliCompressSync(this.#identity.body, brotli(5, this.#identity.bytes)));
      return this.#br;
    }
    return this.#identity;
  }

  /**
   * An estimate of the memory that it takes once both compressed forms are made: V8 keeps Latin-1 text in a byte a
   * character.
   */
  get cost(): number {
    return this.#identity.bytes * 2;
  }
}

const encoded = (bytes: Buffer): WireBody => ({ body: bytes.toString('base64'), base64: true, bytes: bytes.length });

const brotli = (quality: number, size: number) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: size },
});

/** Compresses a body that is answered once: speed counts more than the last percent. */
export const compressOnce = (bytes: Uint8Array, encoding: 'gzip' | 'br'): WireBody =>
  encoded(encoding === 'gzip' ? gzipSync(bytes, { level: 4 }) : brotliCompressSync(bytes, brotli(3, bytes.length)));
