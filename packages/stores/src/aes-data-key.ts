import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';
import type { DataKey } from '@granary/domain/ports/vault';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are asked for so many IVs at a time: as long as the system takes for one, to the microsecond. */
const IVS_AT_ONCE = 256;

/** AES-256-GCM with a random IV: IV, tag, then what is sealed. `about` is authenticated and not kept. */
export const aesDataKey = (name: string, bytes: Uint8Array): DataKey => {
  // One object for all that is sealed: with bytes, each cipher would make its own.
  const key = createSecretKey(bytes);
  const nextIv = makeIvs();
  return {
    name,
    seal(plain, about) {
      const iv = nextIv();
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
      const sealed = [cipher.update(plain), cipher.final()];
      return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
    },
    open(sealed, about) {
      if (sealed.byteLength < IV_BYTES + TAG_BYTES) throw new Error('What was sealed is cut short');
      const iv = sealed.subarray(0, IV_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(about))
        .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    },
  };
};

/** Random IVs, each given once. They are the caller's until the next is asked for. */
const makeIvs = (): (() => Uint8Array) => {
  const pool = new Uint8Array(IVS_AT_ONCE * IV_BYTES);
  let next = pool.length;
  return () => {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    next += IV_BYTES;
    return pool.subarray(next - IV_BYTES, next);
  };
};
