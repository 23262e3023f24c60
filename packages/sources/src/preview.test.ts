import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import { SourceRefused } from '@granary/domain/errors';
import { makeWorld, type World } from '@granary/domain/use-cases/testing/world';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { sourceYaml } from './source-yaml.ts';
import { preview, tablesOf, URL_OF_IT, zipped } from './testing/preview-in-world.ts';
import { unregistered } from './unregistered.ts';

const bookOf = (sheets: Record<string, unknown[][]>, bookType: 'xlsx' | 'ods' | 'biff8' = 'xlsx'): Buffer => {
  const book = utils.book_new();
  for (const [name, rows] of Object.entries(sheets))
    utils.book_append_sheet(book, utils.aoa_to_sheet(rows as never), name);
  return write(book, { type: 'buffer', bookType });
};

const CSV = 'Estação;Altitude;Código;Chuva\nFaro;5;007;1,25\nLagos;12;011;\n"Évora";300;012;s/d\nx\nBeja;1;013;2\n';

describe('A preview of an address', () => {
  it('tells the columns with their types and why, the first rows, and what would be quarantined', async () => {
    const found = await preview(Buffer.from(CSV, 'latin1'));
    const [table] = tablesOf(found);
    expect(table).toMatchObject({
      ...{ dataset: 'rain_data', refused: null, complete: true, header: ['Estação', 'Altitude', 'Código', 'Chuva'] },
      dialect: { encoding: 'windows-1252', delimiter: ';', header_line: 1 },
      counts: { rows_read: 5, rows_published: 4, rows_quarantined: 1, rows_deduplicated: 0 },
      quarantine: [{ line: 5, raw: 'x' }],
    });
    expect(table!.columns.map(({ name, type, why }) => [name, type, why])).toEqual([
      ['estacao', 'string', '"Faro" in line 2 is text.'],
      ['altitude', 'int32', 'All 4 values are whole numbers, from 1 to 300.'],
      ['codigo', 'string', '"007" in line 2 begins with a zero, as codes do.'],
      [
        ...['chuva', 'string'],
        '"s/d" in line 4 is text, as few others are. If it means that there is no value, declare it under `missing`. 1 of 4 rows have none.',
      ],
    ]);
    expect(table!.rows).toEqual([
      ['Faro', 5, '007', '1,25'],
      ['Lagos', 12, '011', null],
      ['Évora', 300, '012', 's/d'],
      ['Beja', 1, '013', '2'],
    ]);
    expect(found.complete).toBe(true);
  });

  it('tells what figures and dates were written with, and how to decide what they leave open', async () => {
    const [table] = tablesOf(await preview('share;day;seen\n12,5 %;14/02/2010;1/2/2010\n7 %;1/3/2010;3/4/2010\n'));
    expect(table!.columns.map(({ type, unit, why }) => [type, unit, why])).toEqual([
      ['double', '%', 'All 2 values are figures, from 7 to 12.5. Written with % in the file.'],
      [
        'date',
        undefined,
        'All 2 values are dates, from 2010-02-14 to 2010-03-01. Written with the day first in the file.',
      ],
      [
        'string',
        undefined,
        expect.stringMatching(/has the day first \(month 2\), or .* declare it in `columns`: .*format: DMY/),
      ],
    ]);
  });

  it('takes a column of words for what it is, however long it is', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i};word ${i}`);
    const [table] = tablesOf(await preview(`n;m\n${lines.join('\n')}\n`));
    expect(table!.columns.map(({ why }) => why)).toEqual([
      'All 5000 values are whole numbers, from 0 to 4999.',
      '"word 0" in line 2 is text.',
    ]);
  });

  it('gives the whole source, which is accepted as it is, and reads the same', async () => {
    const { source } = await preview(Buffer.from(CSV, 'latin1'));
    expect(source).toMatchObject({
      ...{ id: 'rain', kind: 'files', publisher: 'www.ine.example', schedule: 'rate(1 day)' },
      licence: { name: 'notspecified' },
      base_url: 'https://www.ine.example/files/',
      config: { files: [{ dataset: 'rain_data', url: 'rain.csv' }] },
    });
    const written = parse(sourceYaml(source));
    expect(unregistered.check(written)).toEqual(source);
    const again = await preview(Buffer.from(CSV, 'latin1'), { source: written });
    expect(again.source).toEqual(source);
    expect(again.resources[0]!.url).toBe(URL_OF_IT);
    expect(tablesOf(again)[0]!.counts.rows_published).toBe(4);
  });

  it('reads the beginning of a file that does not come to its end, up to its last whole line', async () => {
    const world = makeWorld();
    const fetch: World['fetch'] = async (request) => {
      expect(request).toMatchObject({ beginning: true, max_bytes: 50_000_000 });
      return { ...(await world.fetch(request)), cut: true } as never;
    };
    const cut = { ...world, fetch };
    const found = await preview('n;m\n1;2\n3;4\n5', undefined, cut);
    expect(found).toMatchObject({ complete: false, resources: [{ bytes: null, tables: [{ complete: false }] }] });
    expect(tablesOf(found)[0]).toMatchObject({
      rows: [
        [1, 2],
        [3, 4],
      ],
      quarantine: [],
      counts: { rows_read: 2 },
    });
    const packed = await preview(gzipSync('n;m\n1;2\n'), undefined, cut);
    expect(packed.resources[0]!.refused).toMatch(/^It can only be read as a whole, and of it \d+ bytes came/);
  });

  it('says where two readings fit, and how to decide', async () => {
    const [table] = tablesOf(await preview('Name;Tons\nNau;1.234\nBarca;5.678\n'));
    expect(table!.columns[1]).toMatchObject({ type: 'string', why: expect.stringContaining('may be') });
    expect(table!.dialect!.uncertain!.map(({ about }) => about)).toEqual(['figures']);
  });

  it.each<[string, string, string, string]>([
    [
      'https://data.example.org/Rain%20of%202020.csv.gz?x=1#top',
      'rain_of_2020',
      'https://data.example.org/',
      'Rain%20of%202020.csv.gz?x=1',
    ],
    ['https://www.ine.pt/api/export?format=csv', 'ine_export', 'https://www.ine.pt/api/', 'export?format=csv'],
    ['http://192.0.2.7/2020.csv', 'source_2020', 'http://192.0.2.7/', '2020.csv'],
    ['https://ine.pt/', 'ine', 'https://ine.pt/', './'],
    ['https://ine.pt/a/b:c.csv', 'b_c', 'https://ine.pt/a/', 'https://ine.pt/a/b:c.csv'],
  ])('%s becomes the source %s', async (url, id, base_url, file) => {
    const { source, resources } = await preview('a;b\n1;2\n3;4\n', { url });
    expect({ id: source.id, base_url: source.base_url, config: source.config }).toEqual({
      ...{ id, base_url },
      config: { files: [{ dataset: `${id}_data`, url: file }] },
    });
    expect(resources[0]!.url).toBe(url.replace(/#.*/, ''));
  });

  it('gives the source the id that is asked for', async () => {
    expect((await preview(CSV, { url: URL_OF_IT, id: 'chuva' })).source).toMatchObject({
      ...{ id: 'chuva', datasets: [{ id: 'chuva_data' }] },
    });
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string, Record<string, number>]>([
    ['gzip data', () => gzipSync('a;b\n1;2\n3;4\n'), 'files', { rain_data: 2 }],
    [
      'an archive',
      () => zipped({ 'x.csv': 'a;b\n1;2\n', 'y.csv': 'c;d\n1;2\n3;4\n' }),
      'files',
      { rain_data_x: 1, rain_data_y: 2 },
    ],
    [
      'a workbook of three tables',
      () =>
        bookOf({
          One: [
            ['a', 'b'],
            [1, 2],
          ],
          Two: [['c', 'd'], [1, 2], [3, 4], [], ['e', 'f'], [5, 6]],
        }),
      'files',
      { rain_data_one: 1, rain_data_two_1: 2, rain_data_two_2: 1 },
    ],
    [
      'an old workbook',
      () =>
        bookOf(
          {
            Old: [
              ['a', 'b'],
              [1, 2],
            ],
          },
          'biff8',
        ),
      'files',
      { rain_data: 1 },
    ],
    [
      'an open one',
      () =>
        bookOf(
          {
            Open: [
              ['a', 'b'],
              [1, 2],
            ],
          },
          'ods',
        ),
      'files',
      { rain_data: 1 },
    ],
    [
      'a page of HTML',
      () => Buffer.from('<!doctype html><table><tr><th>a<th>b<tr><td>1<td>2<tr><td>3<td>4</table>'),
      'html-tables',
      { rain_data: 2 },
    ],
  ])('reads %s', async (_, bytes, kind, rows) => {
    const found = await preview(await bytes());
    expect(found.source.kind).toBe(kind);
    expect(Object.fromEntries(tablesOf(found).map(({ dataset, counts }) => [dataset, counts.rows_published]))).toEqual(
      rows,
    );
    expect(unregistered.check(parse(sourceYaml(found.source)))).toEqual(found.source);
  });

  it.each<[string, string, object, Record<string, unknown>]>([
    ['a list of objects', '[{"a":1},{"a":2}]', {}, {}],
    [
      'a list whose next page is named beside it',
      '{"next":"ships?page=2","results":[{"a":1},{"a":2}]}',
      { paging: { by: 'next', path: '$.next' } },
      { more_pages: true },
    ],
    ['an object a line', '{"a":1}\n{"a":2}\n', {}, {}],
    [
      'a list that says where its next page is',
      '{"count":9,"next":"?page=2","results":[{"a":1},{"a":2}]}',
      { records: '$.results[*]', paging: { by: 'next', path: '$.next' } },
      { more_pages: true },
    ],
    [
      'a list that says that it has no next page',
      '{"links":{"next":null},"data":[{"a":1},{"a":2}]}',
      { records: '$.data[*]', paging: { by: 'next', path: '$.links.next' } },
      { more_pages: false },
    ],
  ])('reads JSON: %s', async (_, text, declared, more) => {
    const found = await preview(text, { url: 'https://api.example/ships' });
    expect(found.source).toMatchObject({ id: 'ships', kind: 'json-api' });
    expect(found.source.config).toMatchObject({ resources: [{ dataset: 'ships_data', url: 'ships', ...declared }] });
    expect(found.resources[0]).toMatchObject({ more_pages: false, ...more, tables: [{ rows: [[1], [2]] }] });
    expect(found.complete).toBe(more.more_pages !== true);
    expect(unregistered.check(parse(sourceYaml(found.source)))).toEqual(found.source);
  });

  it.each([
    ['{"next":"c29tZQ==","items":[{"a":1}]}', '\'$.next\' is "c29tZQ=="'],
    ['{"meta":{"next_page":2},"items":[{"a":1}]}', "'$.meta.next_page' is 2"],
    ['{"items":[{"a":1}],"has_more":true}', "'$.has_more' is true"],
    ['{"total":40,"items":[{"a":1}]}', "'$.total' is 40"],
    ['{"total":1,"items":[{"a":1}]}', undefined],
    ['[{"a":1,"total":40}]', undefined],
  ])('doubts that one page is all: %s', async (text, sign) => {
    const { doubts, source } = await preview(text, { url: 'https://api.example/ships' });
    expect(doubts).toEqual(
      sign === undefined ? [] : [expect.stringContaining(`It may be one page of several: ${sign}. If so, declare`)],
    );
    expect((source.config as { resources: object[] }).resources).toEqual([{ dataset: 'ships_data', url: 'ships' }]);
  });

  it('knows the next page of a list by the header Link', async () => {
    const world = makeWorld();
    const linked: World = {
      ...world,
      fetch: async (request) =>
        ({ ...(await world.fetch(request)), link: '<https://api.example/ships?p=2>; rel="next"' }) as never,
    };
    world.source.bytes = '[{"a":1}]';
    const found = await preview('[{"a":1}]', { url: 'https://api.example/ships' }, linked);
    expect(found.source.config).toMatchObject({ resources: [{ records: '$[*]', paging: { by: 'link' } }] });
    expect(found.resources[0]!.more_pages).toBe(true);
  });

  it('reads the beginning of a long text, says so, and does not take the cut for a fault', async () => {
    const line = (i: number) => `${i};"a text of\nseveral lines, ${'x'.repeat(150)}"\n`;
    const bytes = `n;text\n${Array.from({ length: 120_000 }, (_, i) => line(i)).join('')}`;
    const found = await preview(bytes);
    const [table] = tablesOf(found);
    expect({ whole: found.complete, table: table!.complete }).toEqual({ whole: false, table: false });
    expect(table!.counts.rows_published).toBeGreaterThan(50_000);
    expect(table!.counts.rows_published).toBeLessThan(120_000);
    expect(table!.quarantine).toEqual([]);
    expect(table!.counts.rows_quarantined).toBe(0);
    expect(table!.rows[0]).toEqual([0, `a text of\nseveral lines, ${'x'.repeat(150)}`]);
  });
});

describe('A preview of a source', () => {
  const source = (over: object = {}) => ({
    ...{ id: 'port', kind: 'files', title: 'Port', publisher: 'The port', theme: 'environment', tags: [] },
    ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
    ...{ base_url: 'http://port.test/', requests_per_minute: 6000, max_bytes: 1_000_000 },
    config: { files: ['a', 'b', 'c', 'd'].map((name) => ({ dataset: `port_${name}`, url: name })) },
    datasets: ['a', 'b', 'c', 'd'].map((name) => ({ id: `port_${name}`, title: name, description: name })),
    ...over,
  });

  it('reads its first files, and says which were not', async () => {
    const found = await preview('n;m\n1;2\n3;4\n', { source: source() });
    expect(found.resources.map(({ url, tables }) => [url, tables.length])).toEqual(
      ['a', 'b', 'c'].map((name) => [`http://port.test/${name}`, 1]),
    );
    expect({ unread: found.unread, complete: found.complete }).toEqual({
      unread: ['http://port.test/d'],
      complete: false,
    });
  });

  it('keeps to what it declares: types, and rows that a key tells apart', async () => {
    const one = {
      config: { files: [{ dataset: 'port_a', url: 'a' }] },
      datasets: [
        {
          ...{ id: 'port_a', title: 'A', description: 'A', key: ['n'] },
          fields: [{ name: 'n', type: 'int32', nullable: false }],
        },
      ],
    };
    const [table] = tablesOf(await preview('n;m\n1;2\n1;3\nx;4\n2;5\n', { source: source(one) }));
    expect(table!.columns[0]).toMatchObject({ name: 'n', type: 'int32', why: 'The source declares it.' });
    expect(table!.counts).toMatchObject({ rows_read: 4, rows_published: 2, rows_quarantined: 2 });
    expect(table!.quarantine.map(({ line }) => line).sort()).toEqual([3, 4]);
  });

  it('reads the page that lists its files, and the first of these', async () => {
    const world = makeWorld();
    const pages: Record<string, string> = {
      'http://port.test/index.html': '<a href="a.csv">A</a> <a href="b.csv">B</a> <a href="about.html">About</a>',
    };
    const fetch: World['fetch'] = (request) => {
      world.source.bytes = pages[request.url] ?? 'n;m\n1;2\n';
      return world.fetch(request);
    };
    const linked = {
      config: { links: [{ dataset: 'port_files', page: 'index.html', matching: '*.csv' }] },
      datasets: [{ id: 'port_files', title: 'F', description: 'F' }],
    };
    const found = await preview('', { source: source(linked) }, { ...world, fetch });
    expect(found.resources.map(({ url, refused, tables }) => [url, refused, tables.length])).toEqual([
      ['http://port.test/a.csv', null, 1],
      ['http://port.test/b.csv', null, 1],
    ]);
    expect(found.complete).toBe(true);
  });

  it('goes on after a file that cannot be fetched', async () => {
    const world = makeWorld();
    world.source.failures.push(new SourceRefused('http://port.test/a answered 404'));
    const found = await preview('n;m\n1;2\n', { source: source() }, world);
    expect(found.resources.map(({ refused }) => refused)).toEqual(['http://port.test/a answered 404', null, null]);
  });

  it('is refused where the source is written wrongly, with the fields', async () => {
    await expect(preview('', { source: source({ schedule: 'daily', kind: 'files' }) })).rejects.toMatchObject({
      ...{ status: 400, fields: [{ field: 'schedule' }] },
    });
  });
});
