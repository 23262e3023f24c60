import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { aesDataKey } from './aes-data-key.ts';

describe('A data key', () => {
  it('never takes an IV twice: what is sealed with one could be read beside what is sealed with the other', () => {
    const key = aesDataKey('', randomBytes(32));
    const ivs = new Set(
      Array.from({ length: 100_000 }, () =>
        Buffer.from(key.seal(new Uint8Array(), '').subarray(0, 12)).toString('hex'),
      ),
    );
    expect(ivs.size).toBe(100_000);
  });

  it('opens with an IV what it sealed before it took others', () => {
    const key = aesDataKey('', randomBytes(32));
    const sealed = Array.from({ length: 600 }, (_, n) => key.seal(Buffer.from(`secret ${n}`), `user ${n}`));
    const opened = sealed.map((bytes, n) => Buffer.from(key.open(bytes, `user ${n}`)).toString());
    expect(opened).toEqual(Array.from({ length: 600 }, (_, n) => `secret ${n}`));
  });
});
