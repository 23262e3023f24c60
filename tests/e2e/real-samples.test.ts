import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { samples } from '@granary/local/testing/wanted';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { download, EMBRAPA_DATASETS, endedRun, expectBalanced } from './collecting.ts';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

const local = needsLocal('it starts the stack with other sources');

/** Where they are absent the replica's suites cover the same ground. */
local.describeWith(samples('data/embrapa'), 'the real files of Embrapa, served on a local port', (folder) => {
  const state = newState();
  let stack: Stack;
  let site: Server;

  beforeAll(async () => {
    site = createServer((request, response) => {
      const path = join(folder, decodeURIComponent(new URL(request.url as string, 'http://x').pathname));
      if (!path.startsWith(folder) || !existsSync(path)) return response.writeHead(404).end();
      const bytes = readFileSync(path);
      response
        .writeHead(200, { 'content-type': 'text/csv', etag: `"${createHash('md5').update(bytes).digest('hex')}"` })
        .end(bytes);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    stack = await startStack({ state, args: ['--fresh'], env: { GRANARY_EMBRAPA_URL: url } });
  }, 360_000);
  afterAll(async () => {
    await stack?.stop();
    site?.close();
    dropState(state);
  }, 90_000);

  it('are collected whole: the counts of the run balance', async () => {
    const run = await endedRun(stack);
    expectBalanced(run);
    expect(run.counts.errors).toBe(0);
    expect(run.versions).toHaveLength(15);
  }, 360_000);

  it('lose no cell: each source cell is in a published row or a quarantine entry, by line and column', async () => {
    for (const dataset of EMBRAPA_DATASETS) {
      const version = await stack.json(`/v1/datasets/${dataset}/versions/1`);
      const raw = gunzipSync(
        await download(stack, dataset, 'format=raw&version=1').then((b) => (b[0] === 0x1f ? b : Buffer.from(b))),
      );
      const file = readdirSync(folder).find((name) => sha256(readFileSync(join(folder, name))) === sha256(raw));
      expect({ dataset, file: typeof file }).toEqual({ dataset, file: 'string' });
      const cells = parse(raw, {
        delimiter: version.dialect.delimiter,
        quote: null,
        relax_column_count: true,
        bom: true,
      }) as string[][];
      const csv = gunzipMaybe(await download(stack, dataset, 'format=csv&version=1'));
      const rows = parse(csv, { columns: true }) as Record<string, string>[];
      const byCell = new Map(rows.map((row) => [`${row.line}/${row.year}`, row]));
      const { items: quarantined } = await stack.json(`/v1/datasets/${dataset}/quarantine?version=1&limit=1000`);
      const trade = rows[0].quantity_kg !== undefined;
      let missing = 0;
      for (const [i, line] of cells.entries()) {
        if (i === 0) continue;
        for (const [j, text] of line.entries()) {
          const year = cells[0][j];
          if (!/^\d{4}$/.test(year)) continue;
          const row = byCell.get(`${i + 1}/${year}`);
          const second = trade && cells[0].indexOf(year) !== j;
          const value = row?.[trade ? (second ? 'value_usd' : 'quantity_kg') : 'quantity'];
          const expected = /^[\d,]+$/.test(text) ? Number(text.replace(',', '.')) : null;
          const published =
            row !== undefined &&
            (expected === null ? value === '' && row.note !== '' : Number(value) === expected && value !== '');
          const kept = quarantined.some(
            (entry: { line: number; positions: number[] }) =>
              entry.line === i + 1 && (entry.positions.length === 0 || entry.positions.includes(j + 1)),
          );
          if (!published && !kept) missing++;
        }
      }
      expect({ dataset, missing }).toEqual({ dataset, missing: 0 });
    }
  }, 360_000);
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const gunzipMaybe = (bytes: Uint8Array): Buffer =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : Buffer.from(bytes);
