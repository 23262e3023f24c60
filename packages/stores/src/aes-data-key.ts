import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataKey } from '@granary/domain/ports/vault';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM with a random IV: IV, tag, then what is sealed. `about` is authenticated and not kept. */
export const aesDataKey = (name: string, key: Uint8Array): DataKey => ({
  name,
  seal(plain, about) {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
  },
  open(sealed, about) {
    if (sealed.byteLength < IV_BYTES + TAG_BYTES) throw new Error('What was sealed is cut short');
    const iv = sealed.subarray(0, IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(about))
      .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  },
});
