/** Compression of Parquet pages, beside Snappy, which hyparquet has itself. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { UnreadableParquet } from './unreadable-parquet.ts';

/** A page says how large it is unpacked; what says more is no page of a table, and memory is taken for all of it. */
const MOST_PAGE_BYTES = 268_435_456;

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

const through =
  (inflate: Inflate): NonNullable<Compressors[keyof Compressors]> =>
  (bytes, length) => {
    if (length > MOST_PAGE_BYTES)
      throw new UnreadableParquet(`a page of it has ${length} bytes, and ${MOST_PAGE_BYTES} are read`);
    if (length === 0) return new Uint8Array();
    const plain = inflate(bytes, { maxOutputLength: length });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  };

export const CODECS: Compressors = {
  ZSTD: through(zstdDecompressSync),
  GZIP: through(gunzipSync),
  BROTLI: through(brotliDecompressSync),
};
export const CODEC_NAMES = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(CODECS)];
