import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { quarantineWriter } from './quarantine-writer.ts';

it('Entries of a quarantine are read line by line, whatever signs stand in them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
  const path = join(folder, 'quarantine.ndjson.gz');
  const entries = ['a\u2028b', '\u2029', 'c\nd', '"\\u2028"'].map((raw, index) => ({
    ...{ line: index + 1, column: null, positions: [], raw, reason: `'${raw}' is none`, rows: 1 },
  }));
  const writer = quarantineWriter(path);
  for (const entry of entries) writer.write(entry);
  writer.end();
  const lines: unknown[] = [];
  for await (const line of createInterface({ input: Readable.from([gunzipSync(readFileSync(path))]) }))
    lines.push(JSON.parse(line));
  expect(lines).toEqual(entries);
  rmSync(folder, { recursive: true });
});
