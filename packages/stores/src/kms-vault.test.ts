import { randomBytes } from 'node:crypto';
import { type DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from '@jest/globals';
import { vaultContract } from './contracts/vault.ts';
import { makeKmsVault } from './kms-vault.ts';

/** KMS as far as a vault needs it: a ciphertext is a number of the keys that this one made. */
const makeFakeKms = () => {
  const made = new Map<string, { plain: Uint8Array; context: string }>();
  const calls = { generate: 0, decrypt: 0 };
  let down = false;
  const client = {
    async send(command: unknown) {
      if (down) throw new Error('KMS is down');
      if (command instanceof GenerateDataKeyCommand) {
        calls.generate += 1;
        expect(command.input).toMatchObject({ KeyId: 'alias/granary-test-users', KeySpec: 'AES_256' });
        const [plain, blob] = [randomBytes(32), randomBytes(40)];
        made.set(blob.toString('hex'), { plain, context: JSON.stringify(command.input.EncryptionContext) });
        return { Plaintext: plain, CiphertextBlob: blob };
      }
      calls.decrypt += 1;
      const { input } = command as DecryptCommand;
      // What was sealed names its key; said here, it would have to be that of today.
      expect(input.KeyId).toBeUndefined();
      const key = made.get(Buffer.from(input.CiphertextBlob!).toString('hex'));
      if (key?.context !== JSON.stringify(input.EncryptionContext)) throw new Error('InvalidCiphertextException');
      return { Plaintext: key.plain };
    },
  };
  const vault = (now?: () => number) =>
    makeKmsVault({ client: client as never, key_id: 'alias/granary-test-users', now });
  return { vault, calls, setDown: (is: boolean) => (down = is) };
};

vaultContract('KMS', async () => makeFakeKms().vault());

describe('A vault of KMS', () => {
  it('asks for one key each hour, however many ask it at once', async () => {
    let now = 0;
    const kms = makeFakeKms();
    const vault = kms.vault(() => now);
    await Promise.all(Array.from({ length: 50 }, () => vault.current()));
    now += 3_599_999;
    const first = await vault.current();
    expect(kms.calls).toEqual({ generate: 1, decrypt: 0 });
    now += 1;
    expect((await vault.current()).name).not.toBe(first.name);
    expect(kms.calls).toEqual({ generate: 2, decrypt: 0 });
    await vault.named(first.name);
    expect(kms.calls.decrypt).toBe(0);
  });

  it('opens what another container sealed, and asks for that key once', async () => {
    const kms = makeFakeKms();
    const key = await kms.vault().current();
    const sealed = key.seal(Buffer.from('secret'), 'it');
    const other = kms.vault();
    const opened = await Promise.all(
      Array.from({ length: 20 }, async () => (await other.named(key.name)).open(sealed, 'it')),
    );
    expect(opened.map((bytes) => Buffer.from(bytes).toString())).toEqual(Array(20).fill('secret'));
    expect(kms.calls.decrypt).toBe(1);
  });

  it('asks again after a failure', async () => {
    const kms = makeFakeKms();
    const { name } = await kms.vault().current();
    const vault = kms.vault();
    kms.setDown(true);
    await expect(vault.current()).rejects.toThrow('KMS is down');
    await expect(vault.named(name)).rejects.toThrow('KMS is down');
    kms.setDown(false);
    await vault.current();
    expect((await vault.named(name)).name).toBe(name);
  });
});
