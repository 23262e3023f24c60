import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { KeptPageUnreadable } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { DataKey, Vault } from '../../ports/vault.ts';
import { userPageKey } from '../../rules/keys.ts';
import type { SealedUser } from '../../user.ts';
import type { UserMisfit } from '../../users-source.ts';

/** A page of users as it is kept: everything that came but passwords; what is written to the store is written from it. */
export type KeptPage = {
  read: number;
  users: readonly SealedUser[];
  misfits: readonly UserMisfit[];
  merged: number;
  /** Members that nobody knows, of those users that had any, by their place in `users`. */
  unknown: readonly { user: number; members: Readonly<Record<string, unknown>> }[];
};

type Page = Pick<FetchUsersMessage, 'run' | 'part'>;

/** What can be read of a page without its key: whose it is, and nothing of a person. `data` is base64. Pages of version 1 were deflated. */
type Envelope = { v: 2; run: string; page: number; fetched_at: string; key: string; data: string };

const aboutPage = ({ run, part }: Page): string => JSON.stringify(['page', run, part]);

/** What is sealed repeats nothing: all that gzip can find in base64 is that it uses six bits of a byte. */
const OF_ENVELOPE = { strategy: constants.Z_HUFFMAN_ONLY };

/**
 * The bytes of `raw/users/<run>/<page>.json.gz`: gzip of JSON, in it the page, compressed and sealed with the key. Zstandard takes a third
 * of the time of deflate for the same size. Zlib's threads are not used: pages that come together would be compressed by turns, and the first
 * of them be ready with the last (bench/README.md).
 */
export const sealPage = (key: DataKey, { run, part }: Page, page: KeptPage, fetched_at: string): Uint8Array => {
  const sealed = key.seal(zstdCompressSync(JSON.stringify(page)), aboutPage({ run, part }));
  const data = Buffer.from(sealed).toString('base64');
  const envelope: Envelope = { v: 2, run, page: part, fetched_at, key: key.name, data };
  return gzipSync(JSON.stringify(envelope), OF_ENVELOPE);
};

/** Throws KeptPageUnreadable when the bytes are not those of this page, or the vault does not know, or cannot open, their key. */
export const openPage = async (vault: Vault, page: Page, bytes: Uint8Array): Promise<KeptPage> => {
  try {
    const { key, data } = JSON.parse(gunzipSync(bytes).toString()) as Envelope;
    const plain = (await vault.named(key)).open(Buffer.from(data, 'base64'), aboutPage(page));
    return JSON.parse(zstdDecompressSync(plain).toString());
  } catch (error) {
    const { name, code = name } = error as { name?: string; code?: string };
    throw new KeptPageUnreadable(
      `What was kept of the page cannot be opened (${code}): delete ${userPageKey(page.run, page.part)} to have it fetched anew`,
    );
  }
};
