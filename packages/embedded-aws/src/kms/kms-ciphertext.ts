import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export type EncryptionContext = Readonly<Record<string, string>>;

/** `GKM1`, the key's id (16 bytes), IV (12), tag (16), then what is encrypted by AES-256-GCM. */
const MAGIC = Buffer.from('GKM1');
const HEADER = 20;
const IV = 12;
const TAG = 16;

/** The same text for the same pairs, in whatever order they were given. */
const canonical = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

const authenticated = (header: Buffer, context: EncryptionContext) => Buffer.concat([header, canonical(context)]);

/**
 * `plain` under `material` (32 bytes); what it gives names the key `id` (a UUID) and opens only with the same context.
 */
export const seal = (id: string, material: Buffer, plain: Buffer, context: EncryptionContext): Buffer => {
  const header = Buffer.concat([MAGIC, Buffer.from(id.replaceAll('-', ''), 'hex')]);
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(authenticated(header, context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), sealed]);
};

/** The id of the key that a blob was sealed with; undefined when it is none of ours. */
export const keyOfBlob = (blob: Buffer): string | undefined => {
  if (blob.length < HEADER + IV + TAG || !blob.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const hex = blob.toString('hex', MAGIC.length, HEADER);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** What was sealed; undefined when the blob or the context is not what it was. */
export const open = (material: Buffer, blob: Buffer, context: EncryptionContext): Buffer | undefined => {
  const iv = blob.subarray(HEADER, HEADER + IV);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG });
  decipher.setAAD(authenticated(blob.subarray(0, HEADER), context));
  decipher.setAuthTag(blob.subarray(HEADER + IV, HEADER + IV + TAG));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER + IV + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
};
