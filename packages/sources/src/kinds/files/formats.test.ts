import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { utils, type WorkSheet, write } from '@e965/xlsx';
import { RefusedContent } from '@granary/domain/errors';
import { withKind } from '@granary/domain/kind';
import type { CollectMessage } from '@granary/domain/messages/collect';
import { collectResource } from '@granary/domain/use-cases/collect/collect-resource';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { makeWorld, type World } from '@granary/domain/use-cases/testing/world';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { byteSource, readTable, rowsOf } from '@granary/tabular/read-table';
import { zipOf } from '@granary/tabular/xlsx/zip';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkSource } from '../../check-source.ts';
import { kind } from './kind.ts';

const sourceOf = (max_bytes = 5_000_000) =>
  withKind(
    kind,
    checkSource(
      {
        ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: [] },
        ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
        ...{ base_url: 'http://port.test/', requests_per_minute: 600, max_bytes },
        config: { files: [{ dataset: 'port_book', url: 'book' }] },
        datasets: [{ id: 'port_book', title: 'Book', description: 'What the port publishes.' }],
      },
      [kind],
    ) as never,
  );

const collect = async (bytes: Uint8Array, world: World = makeWorld(), source = sourceOf()) => {
  world.source.bytes = bytes as never;
  const deps = { ...world, sources: fixedSources(source), findSource: () => source, baseUrl: () => source.base_url };
  await planCollection(deps)({ force: true });
  const collected = await collectResource(deps)(world.queue.sent.at(-1)!.message as CollectMessage);
  return { ...collected, world };
};
/** `dataset: columns; rows`, of each version. */
const told = async ({ versions, world }: Awaited<ReturnType<typeof collect>>) =>
  Promise.all(
    versions.map(async ({ dataset, fields, prefix }) => {
      const table = await readTable(byteSource((await world.objects.get(`${prefix}data.parquet`))!));
      const rows = [...rowsOf(table)].map((row) => Object.values(row).slice(0, -1));
      return { dataset, columns: fields.slice(0, -2).map(({ name, type }) => `${name}: ${type}`), rows };
    }),
  );

const LEVELS = utils.aoa_to_sheet(
  [
    ['Levels of 2026'],
    [],
    ['Station', 'Day', 'Level', 'Code'],
    ['Faro', new Date(Date.UTC(2026, 0, 2)), 1.234, '007'],
    ['Lagos', new Date(Date.UTC(2026, 0, 3)), 2.5, '011'],
  ],
  { UTC: true } as never,
);
const STAFF = utils.aoa_to_sheet([
  ['Name', 'Since'],
  ['Ana', 2001],
  ['Rui', 2002],
  [],
  ['Ship', 'Tons', 'Flag'],
  ['Nau', 10, 'PT'],
  ['Barca', 20, 'ES'],
]);
const bookOf = (sheets: Record<string, WorkSheet>) => {
  const book = utils.book_new();
  for (const [name, sheet] of Object.entries(sheets)) utils.book_append_sheet(book, sheet, name);
  return book;
};
const bytesOf = (sheets: Record<string, WorkSheet>, bookType: 'xlsx' | 'xlsb' | 'biff8' | 'ods' = 'xlsx'): Buffer =>
  write(bookOf(sheets), { type: 'buffer', bookType });
const zipped = async (files: Record<string, Uint8Array | string>): Promise<Buffer> => {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content: [content] as never }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** A megabyte that is half a gigabyte. */
let bomb: Buffer;
beforeAll(async () => {
  const piece = ' '.repeat(1 << 20);
  const content = Array.from({ length: 450 }, () => piece);
  const chunks: Uint8Array[] = [];
  const entries = [
    { name: '[Content_Types].xml', content: ['<Types/>'] },
    { name: 'xl/worksheets/sheet1.xml', content },
  ];
  for await (const chunk of zipOf(entries)) chunks.push(chunk);
  bomb = Buffer.concat(chunks);
});

describe('A workbook', () => {
  it.each(['xlsx', 'xlsb', 'biff8', 'ods'] as const)(
    'of %s becomes a dataset for each table of each sheet',
    async (type) => {
      const collected = await collect(bytesOf({ Levels: LEVELS, Staff: STAFF }, type));
      expect(await told(collected)).toEqual([
        {
          dataset: 'port_book_levels',
          columns: ['station: string', 'day: date', 'level: double', 'code: string'],
          rows: [
            ['Faro', '2026-01-02', 1.234, '007', 4],
            ['Lagos', '2026-01-03', 2.5, '011', 5],
          ],
        },
        {
          dataset: 'port_book_staff_1',
          columns: ['name: string', 'since: int32'],
          rows: [
            ['Ana', 2001, 2],
            ['Rui', 2002, 3],
          ],
        },
        {
          dataset: 'port_book_staff_2',
          columns: ['ship: string', 'tons: int32', 'flag: string'],
          rows: [
            ['Nau', 10, 'PT', 6],
            ['Barca', 20, 'ES', 7],
          ],
        },
      ]);
      const [levels] = collected.versions;
      expect(levels!.notes).toEqual([
        "It is rows 3 to 5 of the sheet 'Levels'; `line` is the row.",
        'Above it stands: Levels of 2026',
      ]);
      for (const { dataset } of collected.versions) await expectSound(collected.world, dataset, 1);
    },
  );

  it('of one table becomes one dataset, which stays the same when its sheet is renamed; unchanged, it costs nothing', async () => {
    const { world, versions } = await collect(bytesOf({ Levels: LEVELS }));
    expect(versions.map(({ dataset }) => dataset)).toEqual(['port_book']);
    const renamed = await collect(bytesOf({ 'Levels 2': LEVELS }), world);
    expect(renamed.versions.map(({ dataset, version }) => `${dataset}@${version}`)).toEqual(['port_book@2']);
    expect(await collect(bytesOf({ 'Levels 2': LEVELS }), world)).toMatchObject({ outcome: 'unchanged' });
  });

  it('says of errors, formulas without a result and hidden sheets that they were not read', async () => {
    const sheet = utils.aoa_to_sheet([
      ['Name', 'Share'],
      ['a', 0.5],
      ['b', 0.25],
      ['c', 0.75],
    ]);
    sheet.B3 = { t: 'e', v: 7 };
    sheet.B4 = { t: 'n', f: 'B2*2' } as never;
    const book = bookOf({ Shares: sheet, Lists: STAFF });
    book.Workbook = { Sheets: [{ Hidden: 0 }, { Hidden: 1 }] } as never;
    const collected = await collect(write(book, { type: 'buffer', bookType: 'xlsx' }));
    expect((await told(collected))[0]!.rows.map(([, share]) => share)).toEqual([0.5, null, null]);
    expect(collected.versions[0]!.notes.slice(1)).toEqual([
      '1 cell holds #DIV/0!.',
      '1 formula has no stored result.',
      'Hidden sheets were not read: Lists.',
    ]);
  });

  it.each<[string, () => Buffer, RegExp]>([
    ['has nothing in it', () => bytesOf({ Empty: utils.aoa_to_sheet([]) }), /^The workbook holds no table\.$/],
    ['is a bomb', () => bomb, /^Unpacked, the workbook has more than 400000000 bytes/],
    ['is cut off', () => bytesOf({ Levels: LEVELS }).subarray(0, 3000), /damaged/],
    ['is a page of a login', () => Buffer.from('<!DOCTYPE html><html>Sign in</html>'), /HTML page/],
  ])('that %s is refused, with the reason', async (_, bytes, reason) => {
    const collected = collect(bytes());
    await expect(collected).rejects.toThrow(RefusedContent);
    await expect(collected).rejects.toThrow(reason);
  });
});

describe('What is packed', () => {
  const csv = 'Station;Level\nFaro;1,5\nLagos;2\n';

  it('with gzip is read as what it is', async () => {
    const { world, versions } = await collect(gzipSync(csv));
    expect(versions.map(({ dataset, counts }) => [dataset, counts.rows_published])).toEqual([['port_book', 2]]);
    expect((await collect(gzipSync(bytesOf({ Levels: LEVELS })), world)).versions[0]).toMatchObject({ version: 2 });
  });

  it('into a ZIP archive becomes a dataset for each file, named after it; others are named', async () => {
    const zip = await zipped({
      'data/levels.csv': csv,
      'data/staff.xlsx': bytesOf({ Staff: STAFF }),
      'data/README.md': 'Hello',
      '__MACOSX/data/._levels.csv': 'x',
    });
    const collected = await collect(zip);
    expect((await told(collected)).map(({ dataset, rows }) => [dataset, rows.length])).toEqual([
      ['port_book_levels', 2],
      ['port_book_staff_staff_1', 2],
      ['port_book_staff_staff_2', 2],
    ]);
    expect(collected.versions[0]!.notes).toContain('Its archive also holds data/README.md, which was not read.');
  });

  it('beside a file that cannot be read is published all the same', async () => {
    const zip = await zipped({ 'a.csv': csv, 'b.csv': '<html></html>' });
    const world = makeWorld();
    await expect(collect(zip, world)).rejects.toThrow("Table 'b': The file is an HTML page, not CSV.");
    expect(await world.catalog.getDataset('port_book_a')).toMatchObject({ latest: 1, rows: 2 });
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    ['a bomb of gzip', () => gzipSync(Buffer.alloc(20_000_000)), /gzip data is larger than its source may send/],
    ['a bomb of ZIP', () => zipped({ 'a.csv': '0'.repeat(20_000_000) }), /'a\.csv' is larger than its source may send/],
    [
      'gzip data that is cut off',
      () => gzipSync(csv.repeat(999)).subarray(0, 50),
      /The file is damaged: gzip data cannot be unpacked/,
    ],
    ['an archive that is cut off', async () => (await zipped({ 'a.csv': csv })).subarray(0, 60), /damaged ZIP archive/],
    [
      'an archive in an archive',
      async () => zipped({ 'a.csv': await zipped({ 'b.csv': csv }) }),
      /archive inside an archive/,
    ],
    ['an archive in gzip data', async () => gzipSync(await zipped({ 'b.csv': csv })), /archive inside gzip data/],
    ['an archive without a table', () => zipped({ 'a.pdf': 'x' }), /^The ZIP archive holds no table: a\.pdf\.$/],
  ])('badly, such as %s, is refused with the reason, and leaves nothing behind', async (_, bytes, reason) => {
    const world = makeWorld();
    const collected = collect(await bytes(), world);
    await expect(collected).rejects.toThrow(RefusedContent);
    await expect(collected).rejects.toThrow(reason);
    expect(await world.objects.list('versions/')).toEqual([]);
  });
});

/** Read in the files themselves, by hand: the tables of each workbook, their names and how many rows they have. */
describeWith(samples('data/ckan'), 'Workbooks of open-data portals', (folder) => {
  const read = async (file: string) => {
    const world = makeWorld();
    return { ...(await collect(readFileSync(join(folder, file)), world)), world };
  };
  const shapes = async (file: string) =>
    (await told(await read(file))).map(({ columns, rows }) => ({ columns, rows: rows.length }));

  it('are read whole, with the types of their cells', async () => {
    expect(await shapes('production-vegetale-2010-2022.xlsx')).toEqual([
      {
        columns: ['occurrence: string', 'filiere: string', 'produit: string', 'indicateur: string', 'valeur: double'],
        rows: 14_690,
      },
    ]);
    expect(await shapes('repartition-retraites-par-region_2022.xlsx')).toEqual([
      { columns: ['column_1: string', 'feminin: int32', 'masculin: int32', 'total: int32'], rows: 13 },
    ]);
  });

  it('give a list beside the table as one of its own', async () => {
    expect(await shapes('repartition-des-hopitaux-par-region-et-province-2022.xlsx')).toEqual([
      {
        columns: [
          ...['region: string', 'delegation: string', 'commune: string'],
          ...['etablissement_hospitalier: string', 'categorie: string'],
        ],
        rows: 170,
      },
      { columns: ['liste_des_abreviations: string', 'liste_des_abreviations_2: string'], rows: 8 },
    ]);
  });

  it('give a table for each of their sheets, without the row that numbers the columns', async () => {
    const { versions, world } = await read('timor__5_2015-V2-Marriage.xls');
    expect(versions).toHaveLength(20);
    expect(await world.catalog.getDataset('port_book_2_16')).toMatchObject({ rows: 32 });
    const marital = versions.find(({ dataset }) => dataset === 'port_book_2_15')!;
    expect([marital.counts.rows_published, marital.fields.length, marital.fields[1]]).toEqual([
      21,
      18,
      { name: 'total', type: 'int32', nullable: true, title: 'Total' },
    ]);
  });

  it('that are encrypted are refused, with the reason', async () => {
    await expect(read('messytables__encrypted_no_password.xls')).rejects.toThrow('the workbook is encrypted');
  });
});
