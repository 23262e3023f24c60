import { utils, write } from '@e965/xlsx';
import { describe, expect, it } from '@jest/globals';
import { kind as files } from './kinds/files/kind.ts';
import { kind as jsonApi } from './kinds/json-api/kind.ts';
import { collectAll, latestRows, makeWorld, portSource, siteFetcher } from './testing/source-world.ts';

const CSV = 'Região;Code;Obs;2020\nFaro;007;x;1,5\nLagos;12;y;2,25\n';
const COLUMNS = {
  regiao: { name: 'region', title: 'Region' },
  code: { type: 'int32' },
  obs: { skip: true },
  2020: { name: 'level', unit: 'm' },
};

const collect = async (body: string | Uint8Array, config: object, dataset: object = {}, kind: object = files) => {
  const world = makeWorld();
  const datasets = [{ id: 'port_data', title: 'Data', description: 'Data.', ...dataset }];
  const source = portSource(kind as never, config, { datasets });
  const { run } = await collectAll(world, source, siteFetcher({ '/data': body }));
  if (run.errors.length > 0) return { error: run.errors[0]!.message };
  const [version] = await world.catalog.listVersions('port_data', { limit: 1 });
  return { fields: version!.fields.slice(0, -2), notes: version!.notes, rows: await latestRows(world, 'port_data') };
};
const csv = (columns: object, dataset?: object) =>
  collect(CSV, { files: [{ dataset: 'port_data', url: 'data', columns }] }, dataset);

describe('Columns of a table', () => {
  it('are renamed, typed and left out as is declared, and a key may name them by their new names', async () => {
    const { fields, rows, notes } = await csv(COLUMNS, { key: ['region'] });
    expect(fields).toEqual([
      { name: 'region', type: 'string', nullable: true, title: 'Region' },
      { name: 'code', type: 'int32', nullable: true },
      { name: 'level', type: 'double', nullable: true, title: '2020', unit: 'm' },
    ]);
    expect(rows).toEqual([
      ['Faro', 7, 1.5, 2],
      ['Lagos', 12, 2.25, 3],
    ]);
    expect(notes!.at(-1)).toBe('Columns were left out, as is declared: obs.');
  });

  it('are declared in the dataset under their new names', async () => {
    const { rows } = await csv(COLUMNS, { fields: [{ name: 'level', type: 'string', nullable: false }] });
    expect(rows).toEqual([
      ['Faro', 7, '1,5', 2],
      ['Lagos', 12, '2,25', 3],
    ]);
  });

  it.each<[object, RegExp]>([
    [
      { height: { skip: true } },
      /^It has no column 'height', of which something is declared \(columns\); there are regiao, code, obs, 2020/,
    ],
    [{ regiao: { name: 'code' } }, /^Two of its columns are named 'code'/],
  ])('are refused where %j does not fit', async (columns, reason) => {
    expect((await csv(columns)).error).toMatch(reason);
  });

  it('of JSON are changed in the same way', async () => {
    const config = {
      resources: [
        { dataset: 'port_data', url: 'data', columns: { at_city: { name: 'city' }, id: { type: 'string' } } },
      ],
    };
    const { fields, rows } = await collect('[{"id":1,"at":{"city":"Faro"}}]', config, {}, jsonApi);
    expect(fields!.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: string', 'city: string']);
    expect(rows).toEqual([['1', 'Faro', 1]]);
  });
});

describe('Dates of which it is declared how they are written', () => {
  const DAYS = 'name,day\nFaro,01/02/10\nLagos,2/3/2011\n';
  const COLUMN = { day: { type: 'date', format: 'DMY' } };
  const EXPECTED = [
    ['Faro', '2010-02-01', 2],
    ['Lagos', '2011-03-02', 3],
  ];

  it('are read so in CSV, in workbooks and in JSON; the field does not keep the order', async () => {
    const read = await collect(DAYS, { files: [{ dataset: 'port_data', url: 'data', columns: COLUMN }] });
    expect(read.fields![1]).toEqual({ name: 'day', type: 'date', nullable: true });
    expect(read.rows).toEqual(EXPECTED);
    const book = utils.book_new();
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet(
        DAYS.trim()
          .split('\n')
          .map((line) => line.split(',')),
      ),
      'Data',
    );
    const bytes = write(book, { type: 'buffer', bookType: 'xlsx' });
    expect((await collect(bytes, { files: [{ dataset: 'port_data', url: 'data', columns: COLUMN }] })).rows).toEqual(
      EXPECTED,
    );
    const json = JSON.stringify(EXPECTED.map(([name], index) => ({ name, day: ['01/02/10', '2/3/2011'][index] })));
    const config = { resources: [{ dataset: 'port_data', url: 'data', columns: COLUMN }] };
    expect((await collect(json, config, {}, jsonApi)).rows).toEqual([
      ['Faro', '2010-02-01', 1],
      ['Lagos', '2011-03-02', 2],
    ]);
  });

  it('have a type that has an order', () => {
    const files_of = (columns: object) =>
      portSource(files as never, { files: [{ dataset: 'port_data', url: 'x', columns }] });
    expect(() => files_of({ day: { type: 'int32', format: 'DMY' } })).toThrow(/whose type is date or timestamp/);
  });
});

describe('A workbook of which a part is declared', () => {
  const book = utils.book_new();
  const DATA = [
    ['Draft', null, null, null],
    ['x', 'Place', 'Level', 'y'],
    ['x', 'Faro', 1.5, 'y'],
    ['x', 'Lagos', 2, 'y'],
    ['x', 'Sum', 3.5, 'y'],
  ];
  utils.book_append_sheet(
    book,
    utils.aoa_to_sheet([
      ['a', 'b'],
      [1, 2],
    ]),
    'Cover',
  );
  utils.book_append_sheet(book, utils.aoa_to_sheet(DATA), 'Data');
  const bytes = write(book, { type: 'buffer', bookType: 'xlsx' });
  const part = (of: object) => collect(bytes, { files: [{ dataset: 'port_data', url: 'data', ...of }] });

  it('is read there only', async () => {
    const { fields, rows, notes } = await part({ sheet: 'Data', range: 'B2:C4' });
    expect(fields!.map(({ name }) => name)).toEqual(['place', 'level']);
    expect(rows).toEqual([
      ['Faro', 1.5, 3],
      ['Lagos', 2, 4],
    ]);
    expect(notes![0]).toBe("It is rows 2 to 4 of the sheet 'Data'; `line` is the row.");
  });

  it('is refused where it has no such sheet', async () => {
    expect((await part({ sheet: 'Date' })).error).toBe(
      "The workbook has no sheet 'Date' that is shown; there are 'Cover', 'Data'.",
    );
    expect(() => portSource(files as never, { files: [{ dataset: 'port_data', url: 'x', range: 'B2' }] })).toThrow(
      /config\.files\.0\.range/,
    );
  });
});
