import { describe, expect, it } from '@jest/globals';
import { readFileTables } from '../../testing/read-file.ts';

const read = (text: string, declared = {}) => readFileTables(Buffer.from(text), declared);

describe('What a reader once met and lost', () => {
  it('are cells in quotes that are part of them', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => `${row},"""Title ${row}"""\n`).join('');
    const [table] = await read(`id,name\n${rows}`);
    expect(table!.quarantine).toEqual([]);
    expect(table!.rows[3]).toEqual([3, '"Title 3"']);
  });

  it('are rows that begin with #, far below comments', async () => {
    const good = Array.from({ length: 40_000 }, (_, row) => `Street ${row},${row}\n`).join('');
    const [table] = await read(`# Exported by X\nplace,count\n${good}#12 Elm St,5\n#N/A,7\n# The end\n`);
    expect(table!.rows).toHaveLength(40_000);
    expect(table!.quarantine.map(({ line, raw, reason }) => [line, raw, reason])).toEqual([
      [40_003, '#12 Elm St,5', 'it begins as comments do, and has several cells'],
      [40_004, '#N/A,7', 'it begins as comments do, and has several cells'],
    ]);
  });

  it("are a feature's own lon and lat, where its geometry has no places on earth", async () => {
    const features = [1, 2].map((n) => ({
      type: 'Feature',
      properties: { name: `p${n}`, lat: -22.9, lon: -43.2 },
      geometry: { type: 'Point', coordinates: [683_000 + n, 7_460_000] },
    }));
    const crs = { type: 'name', properties: { name: 'EPSG:31983' } };
    const [table] = await read(JSON.stringify({ type: 'FeatureCollection', crs, features }));
    expect(table!.header).toEqual(['name', 'lat', 'lon', 'geometry']);
    expect(table!.rows[0]!.slice(0, 3)).toEqual(['p1', -22.9, -43.2]);
  });

  it('are the marks of figures that are declared, where the first column is empty', async () => {
    const text = `;a;b\n${Array.from({ length: 9 }, (_, row) => `;x${row};${row + 1}.234\n`).join('')}`;
    const [table] = await read(text, { dialect: { decimal: ',', thousands: '.' } });
    expect(table!.rows[0]).toEqual(['x0', 1234]);
  });

  it('are columns that are named as members of every object', async () => {
    const [table] = await read('constructor,points\nLotus,5\nBRM,3\n', { columns: { points: { title: 'Points' } } });
    expect(table!.names).toEqual(['constructor', 'points']);
  });

  it('is the upper row of a header, where another table with the same groups follows', async () => {
    const wide = (name: string, total = '') =>
      `${name},Summer,,,Winter,,\n,Level,Tons,Share,Level,Tons,Share\n${'faro,1,14,53,118,209,326\n'.repeat(4)}${total}`;
    const total = 'total,4,56,212,472,836,1304\n';
    const tables = await read(
      `Keeper,Crew,Length\n${'faro,1,14\n'.repeat(4)}\n${wide('Region')}\n${wide('Ship', total)}`,
    );
    const groups = [
      'Summer / Level',
      'Summer / Tons',
      'Summer / Share',
      'Winter / Level',
      'Winter / Tons',
      'Winter / Share',
    ];
    expect(tables.map(({ header }) => header)).toEqual([
      ['Keeper', 'Crew', 'Length'],
      ['Region', ...groups],
      ['Ship', ...groups],
    ]);
    expect(tables.flatMap(({ quarantine }) => quarantine)).toEqual([]);
  });

  it('are rows of a table below another, whose lines all have a blank line between them', async () => {
    const lines = (names: string) => [names, ...Array.from({ length: 6 }, (_, row) => `faro,${row},5`)];
    const tables = await read([...lines('Region,Tons,Share'), ...lines('Ship,Crew,Length')].join('\n\n'));
    expect(tables.map(({ header, rows }) => [header[0], rows.length])).toEqual([
      ['Region', 6],
      ['Ship', 6],
    ]);
  });
});
