import { gunzipSync } from 'node:zlib';
import { RefusedContent } from '@granary/domain/errors';
import { withKind } from '@granary/domain/kind';
import type { CollectMessage } from '@granary/domain/messages/collect';
import { collectResource } from '@granary/domain/use-cases/collect/collect-resource';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { byteSource, readTable, rowsOf } from '@granary/tabular/read-table';
import { describe, expect, it } from '@jest/globals';
import { checkSource } from '../../check-source.ts';
import { kind } from './kind.ts';

const declared = {
  id: 'sea',
  kind: 'files',
  title: 'Stations at sea',
  publisher: 'An office',
  theme: 'environment',
  tags: ['sea'],
  licence: { name: 'CC0-1.0', title: 'Public domain' },
  schedule: 'rate(1 day)',
  base_url: 'http://sea.test/files',
  requests_per_minute: 600,
  max_bytes: 1_000_000,
  config: { files: [{ dataset: 'sea_levels', url: 'levels.csv', missing: ['s/d'] }] },
  datasets: [{ id: 'sea_levels', title: 'Levels', description: 'Levels by station.' }],
};
const sourceOf = (changes: object = {}) => withKind(kind, checkSource({ ...declared, ...changes }, [kind]) as never);
const withDataset = (dataset: object) => sourceOf({ datasets: [{ ...declared.datasets[0], ...dataset }] });

/** Plans and collects `bytes` as the only file of the source. */
const collect = async (bytes: string, source = sourceOf(), world = makeWorld()) => {
  world.source.bytes = bytes;
  const deps = { ...world, sources: fixedSources(source), findSource: () => source, baseUrl: () => source.base_url };
  await planCollection(deps)({ force: true });
  const message = world.queue.sent.at(-1)!.message as CollectMessage;
  const collected = await collectResource(deps)(message);
  return { ...collected, world, dataset: (await world.catalog.getDataset('sea_levels'))! };
};

describe('A source of files', () => {
  it('is collected, read back and published with the columns that its file has', async () => {
    const { outcome, versions, counts, dataset, world } = await collect(
      'Station;Día;Nivel\nÁgueda;2026-01-02;1,5\nAveiro;2026-01-03;s/d\nAveiro;2026-01-03;s/d\nFaro;2026\n',
    );
    expect(outcome).toBe('published');
    expect(counts).toMatchObject({ rows_read: 4, rows_published: 3, rows_quarantined: 1, rows_deduplicated: 0 });
    expect(dataset.fields.map(({ name, type, title }) => [name, type, title])).toEqual([
      ['station', 'string', 'Station'],
      ['dia', 'date', 'Día'],
      ['nivel', 'double', 'Nivel'],
      ['line', 'int32', undefined],
      ['processing_date', 'date', undefined],
    ]);
    const [version] = versions;
    expect(version).toMatchObject({ fields: dataset.fields, key: [], header: ['Station', 'Día', 'Nivel'] });
    const parquet = await world.objects.get(`${version!.prefix}data.parquet`);
    expect([...rowsOf(await readTable(byteSource(parquet!)))][1]).toEqual({
      ...{ station: 'Aveiro', dia: '2026-01-03', nivel: null },
      ...{ line: 3, processing_date: '2026-11-20' },
    });
    const csv = await world.objects.get(`${version!.prefix}data.csv.gz`);
    expect(gunzipSync(csv!).toString().split('\r\n')[1]).toBe('Águeda,2026-01-02,1.5,2,2026-11-20');
    const wider = 'Station;Día;Nivel;Nota\nÁgueda;2026-01-02;1,5;a\nAveiro;2026-01-03;2;b\nFaro;2026-01-03;3;\n';
    const { dataset: later } = await collect(wider, sourceOf(), world);
    expect([later.latest, later.fields.map(({ name }) => name)]).toEqual([
      2,
      ['station', 'dia', 'nivel', 'nota', 'line', 'processing_date'],
    ]);
    const changed = wider.replace(';3;', ';high;');
    await expect(collect(changed, sourceOf(), world)).rejects.toThrow('Its column nivel is of type string');
  });

  it('has what is declared of its dataset: types outrank inference, and its key sorts and finds duplicates', async () => {
    const source = withDataset({
      fields: [{ name: 'code', type: 'string', nullable: false, description: 'Code of the station.' }],
      key: ['code'],
    });
    const { counts, dataset } = await collect('code,level\n7,1\n3,2\n7,1\n7,9\n,4\n', source);
    expect(counts).toMatchObject({ rows_read: 5, rows_published: 2, rows_quarantined: 2, rows_deduplicated: 1 });
    expect(dataset.fields.slice(0, 2)).toEqual([
      { name: 'code', type: 'string', nullable: false, description: 'Code of the station.' },
      { name: 'level', type: 'int32', nullable: true },
    ]);
    expect(dataset.key).toEqual(['code']);
  });

  it.each([
    [
      'a column that is declared is missing',
      { fields: [{ name: 'x', type: 'int32', nullable: true }] },
      /no column x; it has a, b/,
    ],
    ['a column of the key is missing', { key: ['x'] }, /key: there is no column x/],
    ['a column that tells plausibility is missing', { plausible: { keys: ['x'] } }, /keys: there is no column x/],
  ])('is refused when %s', async (_, dataset, reason) => {
    await expect(collect('a,b\n1,2\n3,4\n', withDataset(dataset))).rejects.toThrow(RefusedContent);
    await expect(collect('a,b\n1,2\n3,4\n', withDataset(dataset))).rejects.toThrow(reason);
  });

  it('is read by the dialect that its file is declared to have', async () => {
    const files = [
      { dataset: 'sea_levels', url: 'x.csv', dialect: { encoding: 'windows-1252', decimal: ',', thousands: '.' } },
    ];
    const source = sourceOf({ config: { files } });
    const [resource] = source.discover({ base_url: source.base_url });
    expect(resource!.url).toBe('http://sea.test/files/x.csv');
    const table = tableInMemory();
    const file = fileOfBytes(Buffer.from('café;n\nÁgueda;1.234\nÉvora;2.000\n', 'latin1'));
    const [found] = await source.tables(resource!, file);
    const report = await found!.read({ processing_date: '2026-11-20' }, table);
    expect(table.rows_read.map(({ cafe, n }) => [cafe, n])).toEqual([
      ['Águeda', 1234],
      ['Évora', 2000],
    ]);
    expect(report.notes).toEqual(['The file is encoded as windows-1252.']);
  });

  it('refuses what is no table, and reads the one of several that is declared', async () => {
    await expect(collect('<html>Not found</html>')).rejects.toThrow('The file is an HTML page, not CSV.');
    const page =
      '<!doctype html><head><title lang="fr">\n Service &amp; portail : votre e-mail: a@b.example </title></head>';
    await expect(collect(page)).rejects.toThrow(
      "The file is an HTML page with the title 'Service & portail : votre e-mail: (removed)', not CSV.",
    );
    const two = 'a;b\n1;2\n3;4\n\nc;d;e\n1;2;3\n4;5;6\n7;8;9\n';
    const dialect = { header_line: 5, first_line: 6, last_line: 7 };
    const second = sourceOf({ config: { files: [{ dataset: 'sea_levels', url: 'x.csv', dialect }] } });
    expect((await collect(two, second)).counts).toMatchObject({ rows_published: 2 });
  });

  const LEVELS = 'Station;Level\nFaro;1,5\nLagos;2\nSines;3\n';
  const PEOPLE = 'Name;Role;Since\nAna;Reader;2001\nRui;Writer;2002\n';

  it('makes a dataset of each table of a file, called by what stands above it or by its number', async () => {
    const { world, versions } = await collect(`Niveis de 2025\n${LEVELS}\nFonte: Porto\n\nPessoal\n${PEOPLE}`);
    expect(versions.map(({ dataset }) => dataset)).toEqual(['sea_levels_niveis_de_2025', 'sea_levels_pessoal']);
    expect(versions.map(({ header, notes, counts }) => [header, notes, counts.rows_published])).toEqual([
      [['Station', 'Level'], ['Above it stands: Niveis de 2025', 'Line 7 is a note: Fonte: Porto'], 3],
      [['Name', 'Role', 'Since'], ['Above it stands: Pessoal'], 2],
    ]);
    expect(await world.catalog.getDataset('sea_levels_pessoal')).toMatchObject({ title: 'Levels: Pessoal', rows: 2 });
    const numbered = await collect(`${LEVELS}\n${PEOPLE}`);
    expect(numbered.versions.map(({ dataset }) => dataset)).toEqual(['sea_levels_1', 'sea_levels_2']);
  });

  it('knows the table that it had when another is added, by its header', async () => {
    const { world } = await collect(LEVELS);
    const { versions } = await collect(`Pessoal\n${PEOPLE}\nNiveis\n${LEVELS}`, sourceOf(), world);
    expect(versions.map(({ dataset, version }) => `${dataset}@${version}`)).toEqual([
      'sea_levels_pessoal@1',
      'sea_levels@2',
    ]);
  });

  it('knows tables without a title by their headers, wherever they stand and though but one is left', async () => {
    const { world } = await collect(`${LEVELS}\n${PEOPLE}`);
    const told = async (csv: string) =>
      (await collect(csv, sourceOf(), world)).versions.map(({ dataset, header }) => `${dataset}: ${header[0]}`);
    expect(await told(`${PEOPLE}\n${LEVELS}`)).toEqual(['sea_levels_2: Name', 'sea_levels_1: Station']);
    expect(await told(PEOPLE)).toEqual(['sea_levels_2: Name']);
    expect(await told(`${PEOPLE}\n${LEVELS.replace('3', '4')}`)).toEqual([
      'sea_levels_2: Name',
      'sea_levels_1: Station',
    ]);
  });

  it('finds a table that begins far below', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `Faro;${i},5\n`).join('');
    const { versions, world } = await collect(`Station;Level\n${rows}\n${PEOPLE}`);
    expect(versions.map(({ dataset, counts }) => [dataset, counts.rows_published])).toEqual([
      ['sea_levels_1', 40_000],
      ['sea_levels_2', 2],
    ]);
    // What was begun as its only table left nothing.
    expect(await world.objects.list('versions/sea_levels/')).toEqual([]);
  });

  it('keeps of the lines between two tables what people read, not a text of any length', async () => {
    const text = Array.from(
      { length: 6000 },
      (_, i) => `Paragraph ${i} of a licence that nobody has read to its end\n`,
    );
    const { versions, world } = await collect(`${LEVELS}\n${text.join('')}${'x'.repeat(9000)}\n${PEOPLE}`);
    expect(versions.map(({ notes }) => notes.length)).toEqual([0, 20]);
    const { notes, dataset } = versions[1]!;
    expect(notes[18]).toBe('Above it stands: Paragraph 5999 of a licence that nobody has read to its end');
    expect(notes[19]!.length).toBeLessThan(600);
    const { title } = (await world.catalog.getDataset(dataset))!;
    expect(title).toBe(`Levels: ${'x'.repeat(200)}`);
  });

  it('is refused where its columns are more than can be described', async () => {
    const header = Array.from({ length: 2000 }, (_, i) => `A figure of a certain kind, number ${i}`).join(';');
    const row = Array.from({ length: 2000 }, (_, i) => i).join(';');
    await expect(collect(`${header}\n${row}\n${row}\n`)).rejects.toThrow(
      /^What describes the table, with its 2002 columns, takes \d+ kB, and 380 kB can be kept\./,
    );
  });

  it('takes what is declared of one of its tables', async () => {
    const fields = [{ name: 'since', type: 'string', nullable: false }];
    const [levels] = declared.datasets;
    const people = {
      id: 'sea_levels_pessoal',
      title: 'People',
      description: 'Who works there.',
      fields,
      key: ['name'],
    };
    const { world } = await collect(`Pessoal\n${PEOPLE}\nNiveis\n${LEVELS}`, sourceOf({ datasets: [levels, people] }));
    const { title, key, fields: found } = (await world.catalog.getDataset('sea_levels_pessoal'))!;
    expect([title, key, found[2]!.type]).toEqual(['People', ['name'], 'string']);
    const refused = collect(`${LEVELS}\n${PEOPLE}`, withDataset({ key: ['station'] }));
    await expect(refused).rejects.toThrow("It holds 2 tables: '1' (lines 1 to 4), '2' (lines 6 to 8). 'sea_levels' is");
  });
});
