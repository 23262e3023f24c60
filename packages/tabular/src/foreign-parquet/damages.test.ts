import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { QuarantineEntry } from '../table.ts';
import { openForeignParquet, readForeignParquet } from './read-foreign-parquet.ts';
import { UnreadableParquet } from './unreadable-parquet.ts';

const QUERY = `SELECT i AS id, i % 7 = 0 AS even, CASE WHEN i % 3 = 0 THEN NULL ELSE 'n' || (i % 20) END AS name,
  i * 0.5::DOUBLE AS half, DATE '2020-01-01' + (i % 400)::INTEGER AS day, (i / 100.0)::DECIMAL(12,2) AS price,
  TIMESTAMP '2020-01-01' + INTERVAL (i) MICROSECOND AS at FROM range(300) t(i)`;
const OPTIONS = ['UNCOMPRESSED', 'SNAPPY', 'ZSTD', 'UNCOMPRESSED, PARQUET_VERSION V2', 'ZSTD, PARQUET_VERSION V2'];

let folder: string;
const files: Buffer[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-parquet-'));
  const duckdb = await (await DuckDBInstance.create()).connect();
  for (const [index, options] of OPTIONS.entries()) {
    const path = join(folder, `${index}.parquet`);
    await duckdb.run(`COPY (${QUERY}) TO '${path}' (FORMAT parquet, COMPRESSION ${options})`);
    files.push(readFileSync(path));
  }
  duckdb.closeSync();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows and quarantined rows; undefined where it is refused. */
const count = async (bytes: Uint8Array): Promise<number | undefined> => {
  let rows = 0;
  try {
    const opened = await openForeignParquet({ bytes: bytes.length, read: (from, to) => bytes.subarray(from, to) });
    const out = {
      begin() {},
      rows: (batch: { rows: number }) => {
        rows += batch.rows;
      },
      quarantine: (entry: QuarantineEntry) => {
        rows += entry.rows;
      },
    };
    await readForeignParquet(opened, { processing_date: '2030-06-01' }, out);
    return rows;
  } catch (error) {
    if (error instanceof UnreadableParquet) return undefined;
    throw error;
  }
};

describe('A Parquet file of which some bytes are damaged', () => {
  it('is refused, or has all its rows: it neither loops for ever nor fails for another reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(OPTIONS.length - 1),
        fc.array(fc.record({ at: fc.nat(), inFooter: fc.boolean(), byte: fc.nat(255) }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (index, damages) => {
          const bytes = Buffer.from(files[index]!);
          const footer = bytes.readUInt32LE(bytes.length - 8);
          for (const { at, inFooter, byte } of damages)
            bytes[inFooter ? bytes.length - 8 - (at % footer) : at % bytes.length] = byte;
          expect([300, undefined]).toContain(await count(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
