import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { rowsOfBatch } from '../cells.ts';
import type { Cell, Field, QuarantineEntry } from '../table.ts';
import { openForeignParquet, readForeignParquet } from './read-foreign-parquet.ts';

const read = async (bytes: Uint8Array, contract: readonly Field[] = []) => {
  let fields: readonly Field[] = [];
  const rows: Record<string, Cell>[] = [];
  const quarantine: QuarantineEntry[] = [];
  const opened = await openForeignParquet({ bytes: bytes.length, read: (from, to) => bytes.subarray(from, to) });
  const reading = await readForeignParquet(
    opened,
    { processing_date: '2030-06-01', contract: { fields: contract } },
    {
      begin(found) {
        fields = found;
      },
      rows: (batch) => void rows.push(...rowsOfBatch({ fields, key: [] }, batch)),
      quarantine: (entry) => void quarantine.push(entry),
    },
  );
  const columns = fields.slice(0, -2).map(({ name, type }) => `${name}: ${type}`);
  return { reading, columns, rows: rows.map((row) => Object.values(row).slice(0, -1)), quarantine };
};

let folder: string;
let duckdb: DuckDBConnection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'granary-parquet-'));
  duckdb = await (await DuckDBInstance.create()).connect();
});
afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true, force: true });
});
/** What DuckDB writes of a query. */
const written = async (query: string, options = ''): Promise<Buffer> => {
  const path = join(folder, 'data.parquet');
  await duckdb.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
  return readFileSync(path);
};

const MANY = `SELECT i AS id, i % 7 = 0 AS even, 'n' || (i % 50) AS name, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 0.5::DOUBLE END AS half,
  DATE '2020-01-01' + (i % 400)::INTEGER AS day, (i * 1000003)::BIGINT AS big FROM range(12000) t(i)`;

describe('A Parquet file of DuckDB', () => {
  it.each([
    ...['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'].flatMap((codec) => [
      `, COMPRESSION ${codec}`,
      `, COMPRESSION ${codec}, PARQUET_VERSION V2, ROW_GROUP_SIZE 5000`,
    ]),
  ])('is read as it was written%s', async (options) => {
    const { columns, rows, quarantine } = await read(await written(MANY, options));
    expect([columns, quarantine, rows.length]).toEqual([
      ['id: int64', 'even: boolean', 'name: string', 'half: double', 'day: date', 'big: int64'],
      [],
      12_000,
    ]);
    for (const i of [0, 1, 2, 4999, 5000, 11_999]) {
      const day = new Date(Date.UTC(2020, 0, 1 + (i % 400))).toISOString().slice(0, 10);
      const half = i % 3 === 0 ? null : i * 0.5;
      expect(rows[i]).toEqual([BigInt(i), i % 7 === 0, `n${i % 50}`, half, day, BigInt(i * 1_000_003), i + 1]);
    }
  });

  it('keeps every value exact, as its own type or as text', async () => {
    const { columns, rows } = await read(
      await written(`SELECT 1.15::DECIMAL(9,2) AS price, -0.05::DECIMAL(18,3) AS small, 12345678901234567.89::DECIMAL(38,2) AS long_one,
        99999999999999999999999999999999999999::DECIMAL(38,0) AS huge, 255::UTINYINT AS tiny, 4294967295::UINTEGER AS mid,
        18446744073709551615::UBIGINT AS top, 7::UBIGINT AS low, TIMESTAMP '1969-12-31 23:59:59.999' AS ms,
        TIMESTAMP '1969-12-31 23:59:59.999999' AS us, TIMESTAMPTZ '2020-01-01 00:00:00+02' AS zoned, TIME '01:02:03.5' AS clock,
        UUID '01234567-89ab-cdef-0123-456789abcdef' AS id, '\\xAA\\x00'::BLOB AS raw, 'Évora' AS "Nome da cidade", 0.1::FLOAT AS f,
        '{"a": 1}'::JSON AS j, 1 AS line`),
    );
    expect(Object.fromEntries(columns.map((column, index) => [column, rows[0]![index]]))).toEqual({
      'price: double': 1.15,
      'small: double': -0.05,
      'long_one: string': '12345678901234567.89',
      'huge: string': '99999999999999999999999999999999999999',
      'tiny: int32': 255,
      'mid: int64': 4294967295n,
      'top: string': '18446744073709551615',
      'low: int64': 7n,
      'ms: timestamp': '1969-12-31T23:59:59.999Z',
      'us: string': '1969-12-31T23:59:59.999999Z',
      'zoned: timestamp': '2019-12-31T22:00:00.000Z',
      'clock: string': '01:02:03.500',
      'id: string': '01234567-89ab-cdef-0123-456789abcdef',
      'raw: string': 'aa00',
      'nome_da_cidade: string': 'Évora',
      'f: double': Math.fround(0.1),
      'j: string': '{"a": 1}',
      'line_2: int32': 1,
    });
  });

  it('has what is no figure or no date in quarantine, and NaN as missing', async () => {
    const { rows, quarantine, reading } = await read(
      await written(
        `SELECT * FROM (VALUES (1.5::DOUBLE, DATE '2020-01-01'), ('NaN', NULL), ('inf', NULL), (2, DATE '20000-01-01')) t(x, d)`,
      ),
    );
    expect(rows).toEqual([
      [1.5, '2020-01-01', 1],
      [null, null, 2],
    ]);
    expect(quarantine.map(({ line, column, reason }) => `${line} ${column}: ${reason}`)).toEqual([
      '3 x: Infinity is no figure',
      '4 d: the day 6585322 after 1970-01-01 is not of the years 0 to 9999',
    ]);
    expect(reading.notes).toEqual(['1 value that is no number (NaN) count as missing.']);
  });

  it('is read by what is declared', async () => {
    const bytes = await written(`SELECT * FROM (VALUES ('007', '1.5'), (NULL, '2'), ('9', 'x')) t(code, level)`);
    const { columns, rows, quarantine } = await read(bytes, [
      { name: 'code', type: 'string', nullable: false },
      { name: 'level', type: 'double', nullable: true },
    ]);
    expect([columns, rows]).toEqual([['code: string', 'level: double'], [['007', 1.5, 1]]]);
    expect(quarantine.map(({ reason }) => reason)).toEqual([
      'code has no value, and must have one',
      '"x" is not of the type double of level',
    ]);
    await expect(read(bytes, [{ name: 'height', type: 'double', nullable: true }])).rejects.toThrow(
      'it has no column height; there are code, level',
    );
  });

  it.each<[string, string, string, RegExp]>([
    ['a list', 'SELECT [1,2] AS tags', '', /column 'tags' is nested/],
    ['a structure', "SELECT {'a': 1} AS at", '', /column 'at' is nested/],
    ['an interval', 'SELECT INTERVAL 1 DAY AS span', '', /column 'span' is of the type INTERVAL/],
    [
      'LZ4',
      'SELECT 1 AS a',
      ', COMPRESSION LZ4',
      /compressed by LZ4_RAW; what is read is UNCOMPRESSED, SNAPPY, ZSTD, GZIP, BROTLI/,
    ],
  ])('of %s is refused, with the reason', async (_, query, options, reason) => {
    await expect(written(query, options).then((bytes) => read(bytes))).rejects.toThrow(reason);
  });

  it('has its geometries as well-known text where it is GeoParquet', async () => {
    const point = (x: number, y: number): Uint8Array => {
      const wkb = Buffer.alloc(21);
      wkb.writeUInt8(1, 0);
      wkb.writeUInt32LE(1, 1);
      wkb.writeDoubleLE(x, 5);
      wkb.writeDoubleLE(y, 13);
      return wkb;
    };
    const geo = {
      version: '1.0.0',
      primary_column: 'at',
      columns: { at: { encoding: 'WKB', geometry_types: ['Point'] } },
    };
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'name', data: ['Faro', 'Lagos', 'None'], type: 'STRING' },
        { name: 'at', data: [point(-7.9, 37), point(-8.7, 37.1), null], type: 'BYTE_ARRAY' },
      ],
      kvMetadata: [{ key: 'geo', value: JSON.stringify(geo) }],
    });
    expect((await read(new Uint8Array(bytes))).rows).toEqual([
      ['Faro', 'POINT (-7.9 37)', 1],
      ['Lagos', 'POINT (-8.7 37.1)', 2],
      ['None', null, 3],
    ]);
  });

  it('is refused where it is damaged, cut or encrypted, and never read wrongly without a word', async () => {
    const bytes = await written('SELECT i AS a FROM range(1000) t(i)');
    await expect(read(bytes.subarray(0, -10))).rejects.toThrow('it was cut short');
    await expect(read(Buffer.concat([Buffer.from('PARE'), bytes.subarray(4)]))).rejects.toThrow('it is encrypted');
    const broken = Buffer.from(bytes);
    broken.fill(0xff, 10, 60);
    await expect(read(broken)).rejects.toThrow(/it is damaged|a page of it has/);
  });
});
