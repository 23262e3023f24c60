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
