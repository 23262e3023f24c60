import { describe, expect, it } from '@jest/globals';
import { collectAll, latestRows, makeWorld, portSource, type Site, siteFetcher } from '../../testing/source-world.ts';
import { kind } from './kind.ts';
import { linkedFiles } from './linked-files.ts';

const PAGE = `<!doctype html><html><body><nav><a href="/">Home</a> <a href="mailto:x@port.test">Mail</a></nav>
  <ul class="data"><li><a href="rain.3f2a9c81.csv?v=7">Rain <b>of 2024</b></a></li>
  <li><a href="/files/Tides%20north.CSV"><img alt="x"></a></li><li><a href="#top">top</a></li>
  <li><a href="rain.3f2a9c81.csv?v=7">again</a></li><li><a href="notes.pdf">Notes</a></li></ul>
  <p><a href="download?id=1">Ships</a> <a href="download?id=2">Crews</a></p></body></html>`;
const find = (links: object, page = PAGE) =>
  linkedFiles({ dataset: 'port', page: 'x', ...links }, 'http://port.test/data/index.html', Buffer.from(page));

describe('Links of a page', () => {
  it('are files by a pattern of their names, each once, with its text as title', async () => {
    expect(await find({ matching: '*.csv' })).toEqual([
      {
        ...{ dataset: 'port_rain', id: '/data/rain.csv', url: 'http://port.test/data/rain.3f2a9c81.csv?v=7' },
        ...{ hints: { links: 'port' }, title: 'Rain of 2024' },
      },
      {
        ...{
          dataset: 'port_tides_north',
          id: '/files/Tides north.CSV',
          url: 'http://port.test/files/Tides%20north.CSV',
        },
        ...{ hints: { links: 'port' }, title: 'Tides north.CSV' },
      },
    ]);
  });

  it('are files by a selector, or by where they lie', async () => {
    expect((await find({ selector: 'ul.data' })).map(({ dataset }) => dataset)).toEqual([
      ...['port_rain', 'port_tides_north', 'port_notes_pdf'],
    ]);
    expect((await find({ matching: '/files/*' })).map(({ dataset }) => dataset)).toEqual(['port_tides_north']);
  });

  it('of one path are told apart by their queries, and named by their texts', async () => {
    expect((await find({ selector: 'p' })).map(({ dataset, id }) => [dataset, id])).toEqual([
      ['port_ships', '/data/download?id=1'],
      ['port_crews', '/data/download?id=2'],
    ]);
  });

  it('stay the same file when only its query or the hash in its name has changed', async () => {
    const ids = async (href: string) =>
      (await find({ matching: '*.csv' }, `<a href="${href}">x</a>`)).map(({ id }) => id);
    expect(await ids('rain.3f2a9c81.csv?v=8')).toEqual(['/data/rain.csv']);
    expect(await ids('rain-00ff00ff00ff.csv')).toEqual(['/data/rain.csv']);
    expect(await ids('rain-20240131.csv')).toEqual(['/data/rain-20240131.csv']);
  });

  it('are looked for from the base that the page declares', async () => {
    const [file] = await find({}, '<head><base href="https://cdn.test/v2/"></head><a href="rain.csv">Rain</a>');
    expect(file!.url).toBe('https://cdn.test/v2/rain.csv');
  });

  it.each<[object, string, RegExp]>([
    [
      { matching: '*.xlsx', selector: 'ul' },
      PAGE,
      /^The page links to no file by the selector 'ul' and the pattern '\*\.xlsx'; it has 4 links/,
    ],
    [{ selector: 'a[' }, PAGE, /'a\[' is no CSS selector/],
    [{}, 'a;b\n1;2\n', /no page of HTML/],
  ])('by %j are refused where there are none', async (links, page, reason) => {
    await expect(find(links, page)).rejects.toThrow(reason);
  });
});

describe('A source of the files that a page links to', () => {
  const source = portSource(kind as never, {
    links: [{ dataset: 'port_data', page: 'index.html', matching: '*.csv', missing: ['s/d'] }],
  });
  const page = (rain: string, ...more: string[]) =>
    `<html>${[rain, ...more].map((href) => `<a href="${href}">File ${href}</a>`).join('')}</html>`;

  it('collects each as a dataset; under another hash a file is the same dataset', async () => {
    const world = makeWorld();
    const site: Site = {
      '/index.html': page('rain.aaaa1111.csv', 'wind.csv'),
      '/rain.aaaa1111.csv': 'place;mm\nFaro;1,5\nLagos;s/d\n',
      '/wind.csv': 'place;knots\nFaro;12\nLagos;13\n',
    };
    const { run } = await collectAll(world, source, siteFetcher(site));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_data_rain@1', 'port_data_wind@1'] });
    expect(await latestRows(world, 'port_data_rain')).toEqual([
      ['Faro', 1.5, 2],
      ['Lagos', null, 3],
    ]);
    expect(await world.catalog.getDataset('port_data_wind')).toMatchObject({ title: 'File wind.csv' });

    site['/index.html'] = page('rain.bbbb2222.csv?v=2', 'wind.csv');
    site['/rain.bbbb2222.csv?v=2'] = 'place;mm\nFaro;2,5\nLagos;3\n';
    const again = await collectAll(world, source, siteFetcher(site));
    expect(again.run).toMatchObject({ state: 'succeeded', versions: ['port_data_rain@2'], counts: { unchanged: 1 } });
  });
});

describe('A source of a file for each year', () => {
  const config = (years: object) => ({ files: [{ dataset: 'port_rain', url: 'rain-{year}.csv', years }] });
  const datasets = [
    {
      ...{ id: 'port_rain', title: 'Rain', description: 'Rain of a year.', key: ['place'] },
      fields: [{ name: 'mm', type: 'double', nullable: true }],
    },
  ];
  const CSV = 'place;mm\nFaro;1\nLagos;2\n';

  it('has a dataset for each, as the one that is declared; a year of the last three that is a 404 is not there yet', async () => {
    const world = makeWorld();
    const source = portSource(kind as never, config({ from: 2022 }), { datasets });
    const site: Site = { '/rain-2022.csv': CSV, '/rain-2023.csv': CSV, '/rain-2024.csv': CSV };
    const asked: string[] = [];
    const { run, worked } = await collectAll(world, source, siteFetcher(site, asked));
    expect(asked).toEqual([2022, 2023, 2024, 2025, 2026].map((year) => `/rain-${year}.csv`));
    expect(run).toMatchObject({
      ...{ state: 'succeeded', versions: [2022, 2023, 2024].map((year) => `port_rain_${year}@1`) },
      counts: { unchanged: 0, errors: 0, requests: 5 },
    });
    expect(worked.map((one) => 'outcome' in one && one.outcome)).toEqual([
      ...Array(3).fill('published'),
      'absent',
      'absent',
    ]);
    expect((await world.catalog.listDatasets()).map(({ id, title, key }) => [id, title, key])).toEqual(
      [2022, 2023, 2024].map((year) => [`port_rain_${year}`, `Rain ${year}`, ['place']]),
    );
    expect(await latestRows(world, 'port_rain_2022')).toEqual([
      ['Faro', 1, 2],
      ['Lagos', 2, 3],
    ]);

    // It is there now; one that was published before is missed.
    site['/rain-2025.csv'] = CSV;
    delete site['/rain-2024.csv'];
    const again = await collectAll(world, source, siteFetcher(site));
    expect(again.run).toMatchObject({ state: 'partial', versions: ['port_rain_2025@1'] });
    expect(again.run.errors).toMatchObject([{ dataset: 'port_rain_2024', message: expect.stringContaining('404') }]);
  });

  it('fails for a year that is not there and is none of the last three, counted from now', async () => {
    const source = portSource(kind as never, config({ from: 2020, to: 2024 }), { datasets });
    const site: Site = { '/rain-2020.csv': CSV, '/rain-2023.csv': CSV };
    const { run } = await collectAll(makeWorld(), source, siteFetcher(site));
    expect(run.errors.map(({ dataset }) => dataset)).toEqual(['port_rain_2021', 'port_rain_2022']);
  });

  it.each<[object, RegExp]>([
    [{ files: [{ dataset: 'port_rain', url: 'rain-{year}.csv' }] }, /config\.files\.0: It needs `years`/],
    [
      { files: [{ dataset: 'port_rain', url: 'rain.csv', years: { from: 2020 } }] },
      /config\.files\.0: It needs `years`/,
    ],
    [config({ from: 2024, to: 2020 }), /config\.files\.0\.years: `to` must be/],
    [{}, /config: It needs `files` or `links`/],
  ])('is declared wrongly as %j', (wrong, message) => {
    expect(() => portSource(kind as never, wrong, { datasets })).toThrow(message);
  });
});
