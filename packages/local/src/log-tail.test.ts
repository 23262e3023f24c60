import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { tailLines } from './log-tail.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-tail-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('gives every whole line once, from a file that comes later, grows, is cut within a character and begins anew', () => {
  const path = join(dir, 'service.log');
  const lines: string[] = [];
  let bytes = 0;
  const tail = tailLines(path, (some, read) => {
    lines.push(...some);
    bytes += read;
  });
  tail.look();
  writeFileSync(path, 'one\ntwo\nth');
  tail.look();
  expect(lines).toEqual(['one', 'two']);
  const euro = Buffer.from('ree €\nfour');
  appendFileSync(path, euro.subarray(0, 5));
  tail.look();
  appendFileSync(path, euro.subarray(5));
  tail.look();
  expect(lines).toEqual(['one', 'two', 'three €']);
  tail.look();
  writeFileSync(path, 'new\n');
  tail.stop();
  expect(lines).toEqual(['one', 'two', 'three €', 'new']);
  expect(bytes).toBe(Buffer.byteLength('one\ntwo\nthree €\nnew\n'));
});
