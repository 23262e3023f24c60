import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Inspected, inspectFile } from './inspect.ts';

const root = join(import.meta.dirname, '../../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
  mkdirSync(join(folder, 'files'));
  writeFileSync(
    join(folder, 'files/rain.csv'),
    Buffer.from('Estação;1999;2000\nFaro;1,5;2\n"Lagos";;3\nx\n', 'latin1'),
  );
  writeFileSync(join(folder, 'files/rain.csv.gz'), gzipSync('a,b\n1,2\n'));
  writeFileSync(join(folder, 'files/page.csv'), '<html>Not found</html>');
  const book = utils.book_new();
  const sheet = utils.aoa_to_sheet([
    ['n', 'm'],
    [1, 2],
    [3, 4],
    [],
    ['Ship', 'Flag', 'Tons'],
    ['Nau', 'PT', 5],
    ['Barca', 'ES', 6],
  ]);
  utils.book_append_sheet(book, sheet, 'Data');
  writeFileSync(join(folder, 'files/book.xlsx'), write(book, { type: 'buffer', bookType: 'xlsx' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As it is run in the clone, from another folder. */
const granary = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('node', [join(root, 'packages/cli/bin/granary.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('granary inspect', () => {
  it('tells of a file its tables, their columns, and what would be quarantined', () => {
    const { status, stdout } = granary('inspect', 'files/rain.csv');
    expect(status).toBe(0);
    expect(stdout).toContain('files/rain.csv: 1 table\n  1. the table (windows-1252, delimiter ;, decimal ,');
    expect(stdout).toMatch(/2 rows, 3 columns\n {7}estacao +string\n {7}1999 +double\n {7}2000 +int32\n/);
    expect(stdout).toMatch(/! 1 row would be quarantined:\n +line 4: .*\(x\)/);
  });

  it('tells the unit of figures', () => {
    writeFileSync(join(folder, 'shares.csv'), 'name,share\nFaro,12.5 %\nLagos,7 %\n');
    expect(granary('inspect', 'shares.csv').stdout).toMatch(/share +double in %\n/);
  });

  it('tells of a folder one line a file, and ends with 1 where one was refused', () => {
    const { status, stdout } = granary('inspect', 'files');
    expect(status).toBe(1);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
    expect(lines).toEqual([
      ['file', 'tables', 'rows', 'quarantined'],
      ['book.xlsx', '2', '4', '0'],
      ['page.csv', '0', '0', '0', 'The page holds no table; it has 0 in all.'],
      ['rain.csv', '1', '2', '1'],
      ['rain.csv.gz', '1', '1', '0'],
    ]);
  });

  it('reads JSON and Parquet as it reads CSV, and writes one as the other', async () => {
    const write = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const told = ({ tables, refused }: Inspected) =>
      refused.length > 0
        ? refused
        : tables.map(({ place, rows, fields }) => [
            place,
            rows,
            ...fields.map((field) => `${field.name}: ${field.type}`),
          ]);
    const lines = write(
      'log.ndjson.gz',
      gzipSync('{"at":{"day":"2026-01-01"},"n":1}\n{"at":{"day":"2026-01-02"},"n":2}\n'),
    );
    expect(told(await inspectFile(lines, 'log.ndjson.gz', { folder, format: 'parquet' }))).toEqual([
      ['one record on each line', 2, 'at_day: date', 'n: int32'],
    ]);
    const parquet = join(folder, 'log.ndjson.gz.parquet');
    expect(told(await inspectFile(parquet, 'log.parquet', { folder, format: 'csv' }))).toEqual([
      ['a Parquet file', 2, 'at_day: date', 'n: int32', 'line_2: int32', 'processing_date_2: date'],
    ]);
    expect(readFileSync(join(folder, 'log.parquet.csv'), 'utf8')).toMatch(
      /^at_day,n,line,processing_date\n2026-01-01,1,1,/,
    );
    const point = {
      type: 'Feature',
      properties: { name: 'Faro' },
      geometry: { type: 'Point', coordinates: [-7.9, 37] },
    };
    const places = write('places.geojson', JSON.stringify({ type: 'FeatureCollection', features: [point] }));
    expect(told(await inspectFile(places, 'places.geojson'))).toEqual([
      ['the list $.features[*]', 1, 'name: string', 'geometry: string', 'lon: double', 'lat: double'],
    ]);
    const two = write('two.json', '{"a":[{"x":1}],"b":[{"x":1}]}');
    expect(told(await inspectFile(two, 'two.json'))).toEqual([
      expect.stringMatching(
        /^The file is JSON that cannot be read: it holds 2 lists of objects: '\$\.a\[\*\]', '\$\.b\[\*\]'/,
      ),
    ]);
  });

  it('writes nothing where nothing is asked for', async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, 'there-is-none');
    try {
      const { tables, refused } = await inspectFile(join(folder, 'files/rain.csv'), 'rain.csv');
      expect({ refused, tables }).toMatchObject({ refused: [], tables: [{ rows: 2, rows_quarantined: 1 }] });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it('writes each table with the names that its file has, in their order', async () => {
    const out = { folder, format: 'csv' as const };
    await inspectFile(join(folder, 'files/rain.csv'), 'rain.csv', out);
    expect(readFileSync(join(folder, 'rain.csv.csv'), 'utf8')).toBe('Estação,1999,2000\nFaro,1.5,2\nLagos,,3\n');
    const { tables } = await inspectFile(join(folder, 'files/book.xlsx'), 'book.xlsx', { folder, format: 'ndjson' });
    expect(tables.map(({ written }) => written)).toEqual([
      join(folder, 'book.xlsx.ndjson'),
      join(folder, 'book.xlsx.2.ndjson'),
    ]);
    expect(readFileSync(join(folder, 'book.xlsx.2.ndjson'), 'utf8')).toBe(
      '{"ship":"Nau","flag":"PT","tons":5}\n{"ship":"Barca","flag":"ES","tons":6}\n',
    );
    await inspectFile(join(folder, 'files/book.xlsx'), 'book.xlsx', { folder, format: 'parquet' });
    expect(readFileSync(join(folder, 'book.xlsx.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  });

  it('reads what lies at an address, and gives JSON', async () => {
    const server = createServer((_, answer) => void answer.end('a;b\n1;2\n3;4\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/figures.csv`;
    // A process of its own that asks this one: it cannot be waited for here.
    const { spawn } = await import('node:child_process');
    const child = spawn('node', [join(root, 'packages/cli/bin/granary.mjs'), 'inspect', url, '--json'], {
      cwd: folder,
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    server.close();
    expect(JSON.parse(said)).toMatchObject([
      { file: 'figures.csv', refused: [], tables: [{ rows: 2, rows_quarantined: 0 }] },
    ]);
  });

  it.each<[string[], number, RegExp]>([
    [['inspect'], 2, /^Which file\?/],
    [['inspect', 'nowhere.csv'], 1, /'nowhere\.csv' cannot be read \(ENOENT\)/],
    [['inspect', 'files', '--format', 'xml'], 2, /There is no format 'xml'\. The formats are csv, ndjson, parquet\./],
    [['look'], 2, /There is no command 'look', only inspect, add, sources, collect, datasets, rows\./],
  ])('%j is told what is wrong', (args, code, message) => {
    const { status, stderr } = granary(...args);
    expect([status, stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it('has help with examples', () => {
    expect(granary('--help').stdout).toContain('npx granary inspect rain.csv');
    for (const command of ['inspect', 'add', 'sources', 'collect', 'datasets', 'rows'])
      expect(granary(command, '--help')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`npx granary ${command}`),
      });
  });
});
