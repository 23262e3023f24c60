import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { BoundedMap } from '@granary/domain/bounded-map';
import type { DataKey, Vault } from '@granary/domain/ports/vault';
import { aesDataKey } from './aes-data-key.ts';

export type KmsVaultOptions = {
  client: Pick<KMSClient, 'send'>;
  /** The key that makes new data keys: its id, ARN, or `alias/…`. Old ones name theirs, which may be another. */
  key_id: string;
  now?: () => number;
};

/** Part of what KMS authenticates: a data key that was made for something else is not opened. */
const CONTEXT = { purpose: 'granary-users' };
/**
 * How long a data key is sealed with: a call of KMS each hour and container, far below what AES-GCM allows with random
 * IVs.
 */
const KEY_LIFE_MS = 3_600_000;
/** Data keys held in memory, the one used longest ago goes first. */
const KEYS_HELD = 500;

/** Envelope encryption: KMS makes and opens data keys, this process seals with them. Calls KMS once for each key. */
export const makeKmsVault = ({ client, key_id, now = Date.now }: KmsVaultOptions): Vault => {
  const held = new BoundedMap<string, Promise<DataKey>>(KEYS_HELD);
  let newest: { key: Promise<DataKey>; until: number } | undefined;

  const hold = (name: string, key: Promise<DataKey>): Promise<DataKey> => {
    held.delete(name);
    held.set(name, key);
    return key;
  };
  const generate = async (): Promise<DataKey> => {
    const made = await client.send(
      new GenerateDataKeyCommand({ KeyId: key_id, KeySpec: 'AES_256', EncryptionContext: CONTEXT }),
    );
    const key = aesDataKey(Buffer.from(made.CiphertextBlob!).toString('base64'), made.Plaintext!);
    hold(key.name, Promise.resolve(key));
    return key;
  };
  const decrypt = async (name: string): Promise<DataKey> => {
    const CiphertextBlob = Buffer.from(name, 'base64');
    // Without a KeyId: what was sealed under the key of an earlier stack names it. Which keys may be used says the
    // role.
    const opened = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: CONTEXT }));
    return aesDataKey(name, opened.Plaintext!);
  };

  return {
    current() {
      if (!newest || now() >= newest.until) {
        const made = { key: generate(), until: now() + KEY_LIFE_MS };
        newest = made;
        // Whoever comes next asks again.
        made.key.catch(() => {
          if (newest === made) newest = undefined;
        });
      }
      return newest.key;
    },
    named(name) {
      const known = held.get(name);
      if (known) return hold(name, known);
      const key = hold(name, decrypt(name));
      key.catch(() => {
        if (held.get(name) === key) held.delete(name);
      });
      return key;
    },
  };
};
