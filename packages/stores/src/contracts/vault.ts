import type { Vault } from '@granary/domain/ports/vault';
import { describe, expect, it } from '@jest/globals';

/**
 * What every Vault does. `make` gives an unused one, with keys of its own. `keysAreIams`: whose data keys it may open
 * is said by IAM, which no emulator of ours has.
 */
export const vaultContract = (name: string, make: () => Promise<Vault>, { keysAreIams = false } = {}): void => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (opened: Uint8Array) => new TextDecoder().decode(opened);

  describe(`${name} as a Vault`, () => {
    it('opens what it sealed, by the name of the key', async () => {
      const vault = await make();
      const key = await vault.current();
      const sealed = key.seal(bytes('262917719'), 'user 1');
      expect(text(key.open(sealed, 'user 1'))).toBe('262917719');
      expect(text((await vault.named(key.name)).open(sealed, 'user 1'))).toBe('262917719');
      expect(text(key.open(key.seal(bytes(''), ''), ''))).toBe('');
    });

    it('seals the same differently each time, and nothing of it can be read', async () => {
      const key = await (await make()).current();
      const [a, b] = [key.seal(bytes('262917719'), 'user 1'), key.seal(bytes('262917719'), 'user 1')];
      expect(Buffer.from(a).equals(b)).toBe(false);
      expect(Buffer.from(a).toString('latin1')).not.toContain('2629');
      expect(Buffer.from(key.name, 'base64').toString('base64')).toBe(key.name);
    });

    it('opens nothing that is about somebody else, was changed, cut, or sealed with another key', async () => {
      const vault = await make();
      const key = await vault.current();
      const sealed = key.seal(bytes('262917719'), 'user 1');
      expect(() => key.open(sealed, 'user 2')).toThrow();
      for (let place = 0; place < sealed.byteLength; place++) {
        const changed = Uint8Array.from(sealed);
        changed[place]! ^= 1;
        expect(() => key.open(changed, 'user 1')).toThrow();
        expect(() => key.open(sealed.subarray(0, place), 'user 1')).toThrow();
      }
      const stranger = await (await make()).current();
      expect(() => stranger.open(sealed, 'user 1')).toThrow();
    });

    it('knows no key that it did not make', async () => {
      const vault = await make();
      await expect(vault.named(Buffer.from('never heard of').toString('base64'))).rejects.toThrow();
      if (keysAreIams) return;
      const { name } = await (await make()).current();
      await expect(vault.named(name)).rejects.toThrow();
    });

    it('seals with the same key for a while', async () => {
      const vault = await make();
      const keys = await Promise.all([vault.current(), vault.current()]);
      expect(new Set([...keys, await vault.current()].map((key) => key.name)).size).toBe(1);
    });
  });
};
