import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fileSink, memorySink } from './sink.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('fileSink', () => {
  it('tells size and hash of the file, of the last beginning only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'granary-sink-'));
    try {
      const path = join(folder, 'file');
      const sink = fileSink(path);
      sink.write(Buffer.from('a first attempt'));
      sink.restart();
      sink.write(Buffer.from('one'));
      sink.write(Buffer.from('two'));
      expect(sink.end()).toEqual({ bytes: 6, sha256: sha256('onetwo') });
      expect(readFileSync(path, 'utf8')).toBe('onetwo');
      sink.abandon();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it.each([0, 1, 7])('writes pieces of any size in their order, the memory of which is used again (seed %i)', (seed) => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-sink-'));
  try {
    const sink = fileSink(join(folder, 'file'));
    const memory = Buffer.alloc(200_000);
    const expected: Buffer[] = [];
    for (let i = 0, size = 1 + seed; i < 60; i++, size = (size * 7 + i) % 200_000) {
      const piece = memory.subarray(0, size).fill(i);
      expected.push(Buffer.from(piece));
      sink.write(piece);
    }
    const whole = Buffer.concat(expected);
    const hash = createHash('sha256').update(whole).digest('hex');
    expect(sink.end()).toEqual({ bytes: whole.length, sha256: hash });
    expect(readFileSync(join(folder, 'file')).equals(whole)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('memorySink', () => {
  it('keeps copies', () => {
    const sink = memorySink();
    const shared = Buffer.from('one');
    sink.write(shared);
    shared.write('two');
    sink.write(shared);
    expect(Buffer.from(sink.bytes()).toString()).toBe('onetwo');
    expect(sink.end()).toEqual({ bytes: 6, sha256: sha256('onetwo') });
    sink.restart();
    expect(sink.bytes().length).toBe(0);
  });
});
