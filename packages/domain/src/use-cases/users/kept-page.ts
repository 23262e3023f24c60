import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { KeptPageUnreadable } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { DataKey, Vault } from '../../ports/vault.ts';
import { userPageKey } from '../../rules/keys.ts';
import type { SealedUser } from '../../user.ts';
import type { UserMisfit } from '../../users-source.ts';

/**
 * A page of users as it is kept: everything that came but passwords; what is written to the store is written from it.
 */
export type KeptPage = {
  read: number;
  users: readonly SealedUser[];
  misfits: readonly UserMisfit[];
  merged: number;
  /** Members that nobody knows, of those users that had any, by their place in `users`. */
  unknown: readonly { user: number; members: Readonly<Record<string, unknown>> }[];
};

type Page = Pick<FetchUsersMessage, 'run' | 'part'>;

/** What can be read of a page without its key: whose it is, and nothing of a person. */
type Head = { v: 3; run: string; page: number; fetched_at: string; key: string };
/** As releases before 2026-12 kept it, all in one: `data` is what is sealed, in base64. */
type HeadAndData = Omit<Head, 'v'> & { v: 2; data: string };

const aboutPage = ({ run, part }: Page): string => JSON.stringify(['page', run, part]);

const LINE_END = 0x0a;
/** A third less time than by default, for a fiftieth more bytes; in one piece, where zlib would join many. */
const FAST = { [constants.ZSTD_c_compressionLevel]: 1 };

/**
 * The bytes of `raw/users/<run>/<page>.json.gz`: gzip of a line of JSON that says whose the page is, and after it the
 * page, compressed and sealed with the key. gzip only holds it: what is sealed cannot be made smaller. Zstandard takes
 * a third of the time of deflate for the same size. Zlib's threads are not used: pages that come together would be
 * compressed by turns, and the first of them be ready with the last (bench/README.md).
 */
export const sealPage = (key: DataKey, { run, part }: Page, page: KeptPage, fetched_at: string): Uint8Array => {
  const plain = Buffer.from(JSON.stringify(page));
  const packed = zstdCompressSync(plain, { params: FAST, chunkSize: Math.max(constants.Z_MIN_CHUNK, plain.length) });
  const sealed = key.seal(packed, aboutPage({ run, part }));
  const head: Head = { v: 3, run, page: part, fetched_at, key: key.name };
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), sealed]), {
    level: constants.Z_NO_COMPRESSION,
  });
};

/**
 * Throws KeptPageUnreadable when the bytes are not those of this page, or the vault does not know, or cannot open,
 * their key.
 */
export const openPage = async (vault: Vault, page: Page, bytes: Uint8Array): Promise<KeptPage> => {
  try {
    const { key, sealed } = readSealed(gunzipSync(bytes));
    const plain = (await vault.named(key)).open(sealed, aboutPage(page));
    return JSON.parse(zstdDecompressSync(plain).toString());
  } catch (error) {
    const { name, code = name } = error as { name?: string; code?: string };
    throw new KeptPageUnreadable(
      `What was kept of the page cannot be opened (${code}): delete ${userPageKey(page.run, page.part)} to have it fetched anew`,
    );
  }
};

const readSealed = (bytes: Buffer): { key: string; sealed: Uint8Array } => {
  const end = bytes.indexOf(LINE_END);
  const head: Head | HeadAndData = JSON.parse((end < 0 ? bytes : bytes.subarray(0, end)).toString());
  return { key: head.key, sealed: head.v === 2 ? Buffer.from(head.data, 'base64') : bytes.subarray(end + 1) };
};
