import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withKind } from '@granary/domain/kind';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import { itWith, samples } from '@granary/local/testing/wanted';
import { describe, expect, it } from '@jest/globals';
import { checkSource } from '../../check-source.ts';
import { collectAll, latestRows, makeWorld, portSource, type Site, siteFetcher } from '../../testing/source-world.ts';
import { kind } from './kind.ts';

const sourceOf = (page: object = {}) =>
  withKind(
    kind,
    checkSource(
      {
        ...{ id: 'port', kind: 'html-tables', title: 'Port', publisher: 'The port', theme: 'environment', tags: [] },
        ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
        ...{ base_url: 'http://port.test/', requests_per_minute: 600, max_bytes: 5_000_000 },
        config: { pages: [{ dataset: 'port_page', url: 'page.html', ...page }] },
        datasets: [{ id: 'port_page', title: 'Page', description: 'What the port shows.' }],
      },
      [kind],
    ) as never,
  );

/** Name, title, columns and rows of each table of a page. */
const read = async (html: string | Uint8Array, page: object = {}) => {
  const source = sourceOf(page);
  const [resource] = source.discover({ base_url: source.base_url });
  const found = await source.tables(resource!, fileOfBytes(Buffer.from(html)));
  return Promise.all(
    found.map(async ({ name, title, read: readTable }) => {
      const table = tableInMemory();
      const { notes } = await readTable({ processing_date: '2026-12-01' }, table);
      const columns = table.fields.slice(0, -2).map((field) => `${field.name}: ${field.type}`);
      const rows = table.rows_read.map((row) => table.fields.slice(0, -1).map((field) => row[field.name]));
      return { name, title, columns, rows, notes };
    }),
  );
};

const LEVELS = `<table class="data"><caption>Levels of <b>2026</b></caption>
  <thead><tr><th rowspan=2>Station<th colspan=2>Level</tr><tr><th>low<th>high</tr></thead>
  <tbody><tr><td rowspan="2">Faro</td><td>1,5</td><td>2.144,5</td></tr>
  <tr><td>2,25</td><td>3.118,25</td></tr><tr><td>Lagos<br>bay</td><td>-</td><td>4</td></tr></tbody>
  <tfoot><tr><td>Sum<td>3,75<td>9</tr></tfoot></table>`;
const MENU = '<table><tr><td><a href="/">Home</a></td></tr></table>';
const PAGE = `<!doctype html><html><body><table><tr><td>${MENU}</td><td>${LEVELS}</td></tr></table>
  <h2>Staff</h2><table><tr><td>Name</td><td>Since</td></tr><tr><td>Ana</td><td>2001</td></tr>
  <tr><td>Rui &amp; co</td><td>2002</td></tr></table></body></html>`;

describe('A page of HTML', () => {
  it('becomes a dataset for each table of it, and none for those that only lay it out', async () => {
    expect(await read(PAGE)).toMatchObject([
      {
        name: 'Levels of 2026',
        columns: ['station: string', 'level_low: double', 'level_high: double'],
        rows: [
          ['Faro', 1.5, 2144.5, 3],
          ['Faro', 2.25, 3118.25, 4],
          ['Lagos bay', null, 4, 5],
        ],
        notes: [
          'It is table 2 of the page; `line` is the row.',
          'Row 6 is a note: the foot of the table: Sum; 3,75; 9',
        ],
      },
      {
        name: 'Staff',
        columns: ['name: string', 'since: int32'],
        rows: [
          ['Ana', 2001, 2],
          ['Rui & co', 2002, 3],
        ],
      },
    ]);
  });

  it.each([
    [{ selector: 'table.data' }, 'Levels of 2026'],
    [{ holds: 'Rui' }, 'Staff'],
    [{ holds: 'Level / high' }, 'Levels of 2026'],
  ])('becomes one where %j tells which', async (page, title) => {
    expect(await read(PAGE, page)).toMatchObject([{ name: '1', title }]);
  });

  it('leads to others: tables of the same names are one, of one version', async () => {
    const page = (ships: string[], next?: string) =>
      `<html><table><tr><th>Ship</th><th>Tons</th></tr>${ships.map((ship, i) => `<tr><td>${ship}</td><td>${i}</td></tr>`).join('')}</table>
       <p class="pager"><a href="?page=0">first</a> ${next ? `<a class="next" href="${next}">next</a>` : ''}</p></html>`;
    const site: Site = {
      '/ships': page(['Nau', 'Barca'], '?page=2'),
      '/ships?page=2': page(['Lugre'], '/ships?page=3'),
      '/ships?page=3': page(['Cutter']),
    };
    const source = portSource(
      kind as never,
      { pages: [{ dataset: 'port_ships', url: 'ships', next: 'a.next' }] },
      {
        datasets: [{ id: 'port_ships', title: 'Ships', description: 'Ships.' }],
      },
    );
    const world = makeWorld();
    const { run } = await collectAll(world, source, siteFetcher(site));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_ships@1'], counts: { requests: 3 } });
    expect((await latestRows(world, 'port_ships')).map(([ship]) => ship)).toEqual(['Nau', 'Barca', 'Lugre', 'Cutter']);

    site['/ships?page=3'] = page(['Cutter'], '?page=2');
    const circle = await collectAll(makeWorld(), source, siteFetcher(site));
    expect(circle.run.errors[0]!.message).toMatch(/^Its pages lead in a circle: page 4/);
    delete site['/ships?page=3'];
    const cut = await collectAll(makeWorld(), source, siteFetcher(site));
    expect(cut.run).toMatchObject({ state: 'failed', versions: [] });
  });

  it('is read in the encoding that it says', async () => {
    const html =
      '<html><meta charset="iso-8859-1"><table><tr><th>Região<th>n</tr><tr><td>Évora<td>1</tr></table></html>';
    expect(await read(Buffer.from(html, 'latin1'))).toMatchObject([
      { columns: ['regiao: string', 'n: int32'], rows: [['Évora', 1, 2]] },
    ]);
  });

  it.each<[string, object, string, RegExp]>([
    ['holds no table', {}, '<html><p>Sign in</p></html>', /^The page holds no table; it has 0 in all\.$/],
    [
      'holds none that is asked for',
      { holds: 'Gold' },
      PAGE,
      /^The page holds no table by the text 'Gold'; it has 3 in all\.$/,
    ],
    ['is asked for by what is no selector', { selector: 'table[' }, PAGE, /'table\[' is no CSS selector/],
    ['is none', {}, 'a;b\n1;2\n', /^The file is no page of HTML\.$/],
  ])('that %s is refused, with the reason', async (_, page, html, reason) => {
    await expect(read(html, page)).rejects.toThrow(reason);
  });

  itWith(samples('data/embrapa-html'), 'of a statistical office', async (folder) => {
    const html = readFileSync(join(folder, 'isabelle_opt_02.html'));
    const [table, ...others] = await read(html, { selector: 'table.tb_dados' });
    expect([others, table!.columns]).toEqual([[], ['produto: string', 'quantidade_l: int32']]);
    expect(table!.rows.slice(0, 3)).toEqual([
      ['VINHO DE MESA', 144_565_438, 2],
      ['Tinto', 118_360_170, 3],
      ['Branco', 1_871_473, 4],
    ]);
    expect(table!.title).toBe('Produção de vinhos, sucos e derivados [1976]');
    expect(table!.notes.at(-1)).toMatch(/the foot of the table: Total; 201\.991\.040$/);
  });
});
