import { randomBytes } from 'node:crypto';
import type { DataKey, Vault } from '@granary/domain/ports/vault';
import { aesDataKey } from './aes-data-key.ts';

/** For tests: one key, which is gone when the process is. */
export const makeMemoryVault = (): Vault => {
  const key = aesDataKey(randomBytes(16).toString('base64'), randomBytes(32));
  const named = async (name: string): Promise<DataKey> => {
    if (name === key.name) return key;
    throw new Error('This vault did not make that key');
  };
  return { current: async () => key, named };
};
