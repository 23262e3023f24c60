import { describe, expect, it } from '@jest/globals';
import { collectAll, latestRows, makeWorld, portSource, type Site, siteFetcher } from '../../testing/source-world.ts';
import { kind } from './kind.ts';
import { leftOutBy } from './portal-formats.ts';

const CSV = 'place;mm\nFaro;1\nLagos;2\n';
const PDF = 'Its format is PDF, of which no tables are read.';

type Made = { name: string; title?: string; groups?: string[]; resources?: object[]; [member: string]: unknown };
const resource = (id: string, more: object = {}) => ({
  ...{ id, name: id.toUpperCase(), format: 'CSV', url: `http://port.test/files/${id}.csv` },
  ...more,
});
const made = ({ name, groups = [], ...more }: Made) => ({
  ...{
    name,
    title: name,
    state: 'active',
    resources: [resource(name)],
    metadata_modified: '2026-01-02T03:04:05.123456',
  },
  ...more,
  groups: groups.map((group) => ({ name: group })),
});

const API = '/api/3/action/package_search';
const asked = (start: number, rows: number, filter = '') => `${API}?${filter}sort=name+asc&rows=${rows}&start=${start}`;
const answer = (all: readonly object[], start: number, rows: number, count = all.length) =>
  JSON.stringify({ success: true, result: { count, results: all.slice(start, start + rows) } });

/** A portal whose API lists these, so many on a page; its files are all the same. */
const portalOf = (datasets: readonly Made[], rows = 50): Site => {
  const all = datasets.map(made);
  const site: Site = {};
  for (let start = 0; start < Math.max(1, all.length); start++) site[asked(start, rows)] = answer(all, start, rows);
  for (const { resources } of all)
    for (const { url } of resources as { url: string }[])
      if (URL.canParse(url)) site[new URL(url).pathname + new URL(url).search] = CSV;
  return site;
};
const sourceOf = (config: object = {}, rest: object = {}) => portSource(kind as never, config, rest);

/** What its list says, whatever becomes of the files. */
const listed = async (site: Site, config: object = {}) => {
  const source = sourceOf(config);
  const found = { resources: [] as unknown[], left_out: [] as unknown[], unsure: [] as string[], pages: 0 };
  const pages = [...source.listing!.first({ base_url: source.base_url })];
  for (let page = pages.shift(); page && found.pages < 100; page = pages.shift()) {
    found.pages++;
    const { pathname, search } = new URL(page.url);
    const body = site[pathname + search];
    const options = { base_url: source.base_url };
    if (body === undefined) {
      pages.push(...source.listing!.instead!(page, options));
      continue;
    }
    const listing = await source.listing!.read(page, Buffer.from(body), options);
    found.resources.push(...listing.resources);
    found.left_out.push(...(listing.left_out ?? []).map(({ state, reason }) => `${state}: ${reason}`));
    if (listing.unsure) found.unsure.push(listing.unsure);
    pages.push(...listing.next);
  }
  return found;
};

describe('A portal with an Action API', () => {
  it('becomes a dataset for each resource with a table, with what the portal says of it', async () => {
    const site = portalOf([
      {
        ...{ name: 'rain', title: 'Pluie & vent', notes: 'By station.', groups: ['water', 'air'] },
        ...{ tags: [{ name: 'rain' }, { name: 'wind' }], organization: { name: 'met', title: 'Météo' } },
        ...{ license_id: 'cc-by', license_title: 'Attribution', license_url: 'http://cc.test/by' },
        resources: [resource('r1'), resource('r2', { format: 'PDF', url: 'http://port.test/r2.pdf' })],
      },
      { name: 'tides' },
    ]);
    const world = makeWorld();
    const { run } = await collectAll(world, sourceOf({}, { tags: ['sea'] }), siteFetcher(site));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_pluie_vent_r1@1', 'port_tides@1'] });
    expect(await world.catalog.getDataset('port_pluie_vent_r1')).toMatchObject({
      ...{ title: 'Pluie & vent: R1', description: 'By station.', theme: 'air', tags: ['sea', 'rain', 'wind'] },
      ...{ publisher: 'Météo', licence: { name: 'cc-by', title: 'Attribution', path: 'http://cc.test/by' } },
    });
    expect(await world.catalog.getDataset('port_tides')).toMatchObject({ publisher: 'The port', theme: 'environment' });
    expect(await latestRows(world, 'port_tides')).toEqual([
      ['Faro', 1, 2],
      ['Lagos', 2, 3],
    ]);
    expect((await listed(site)).left_out).toEqual([`refused: ${PDF}`]);
  });

  it('is asked page by page, each of which begins with the end of the one before', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const site = portalOf(
      names.map((name) => ({ name })),
      2,
    );
    const paths: string[] = [];
    await collectAll(makeWorld(), sourceOf({ page_size: 2 }), siteFetcher(site, paths));
    expect(paths.filter((path) => path.startsWith(API))).toEqual([0, 1, 2, 3].map((start) => asked(start, 2)));
    expect(paths.filter((path) => path.startsWith('/files/')).sort()).toEqual(
      names.map((name) => `/files/${name}.csv`),
    );
    expect((await listed(site, { page_size: 2 })).unsure).toEqual([]);
  });

  it('is read to its end where the list is changed meanwhile, and that shows', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => made({ name }));
    // `a` was deleted behind the first page: `c` moved up to where nobody looks again.
    const shifted = { [asked(0, 2)]: answer([a!, b!, c!, d!], 0, 2), [asked(1, 2)]: answer([b!, c!, d!], 1, 2, 4) };
    shifted[asked(2, 2)] = answer([b!, c!, d!], 2, 2, 4);
    expect((await listed(shifted, { page_size: 2 })).unsure.length).toBeGreaterThan(0);
    // One was added, which the number of all tells.
    const longer = { [asked(0, 2)]: answer([a!, b!], 0, 2, 3), [asked(1, 2)]: answer([a!, b!, c!], 1, 2, 4) };
    longer[asked(2, 2)] = answer([c!, d!], 0, 2, 4);
    expect((await listed(longer, { page_size: 2 })).unsure.length).toBeGreaterThan(0);
  });

  it.each([1, 2, 3])('ends where each page is the same, with %i datasets on it', async (length) => {
    const all = Array.from({ length }, (_, number) => made({ name: `d${number}` }));
    const site = new Proxy<Site>({}, { get: () => answer(all, 0, 3, 20) });
    expect((await listed(site, { page_size: 3 })).pages).toBeLessThanOrEqual(21);
  });

  it.each([
    ['groups', { groups: ['water', 'a "b"'] }, 'fq=groups%3A%28%22water%22+OR+%22a+%5C%22b%5C%22%22%29&'],
    ['organizations', { organizations: ['met'] }, 'fq=organization%3A%28%22met%22%29&'],
    ['what a search finds', { search: 'rain' }, 'q=rain&'],
  ])('takes %s, where that is asked for', async (_, config, filter) => {
    const site = { [asked(0, 50, filter)]: answer([made({ name: 'rain' })], 0, 50) };
    expect((await listed(site, config)).resources).toHaveLength(1);
  });

  it('is found below the address of the portal, or above it', async () => {
    const site = portalOf([{ name: 'rain' }]);
    const source = sourceOf({}, { base_url: 'http://port.test/data/fr/' });
    const paths: string[] = [];
    const { run } = await collectAll(makeWorld(), source, siteFetcher(site, paths));
    expect(paths.map((path) => path.replace(/\?.*/, ''))).toEqual([
      `/data/fr${API}`,
      `/data${API}`,
      API,
      '/files/rain.csv',
    ]);
    expect(run).toMatchObject({ state: 'succeeded', counts: { requests: 4, errors: 0 } });
  });

  it.each([
    ['an error with status 200', JSON.stringify({ success: false, error: { __type: 'Search Error', message: 'no' } })],
    ['a page of HTML', '<html><body>Welcome</body></html>'],
    ['JSON of something else', '{"success":true,"result":{"results":"none"}}'],
  ])('that answers %s is none; it is an error behind the first page', async (_, body) => {
    const datasets = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const broken = { ...portalOf(datasets, 2), [asked(1, 2)]: body };
    const { run } = await collectAll(makeWorld(), sourceOf({ page_size: 2 }), siteFetcher(broken));
    expect(run).toMatchObject({ state: 'partial', versions: ['port_a@1', 'port_b@1'], counts: { errors: 1 } });
    expect(run.errors[0]!.message).toMatch(/^The (answer is|Action API answers with an error: Search Error: no\.)/);
    const none = await collectAll(makeWorld(), sourceOf({ page_size: 2 }), siteFetcher({ [asked(0, 2)]: body }));
    // The pages of HTML are tried, and there are none.
    expect(none.run).toMatchObject({ versions: [], errors: [{ url: 'http://port.test/group' }] });
  });

  it('names what differs by accents only, or has no Latin letters, so that nothing is overwritten', async () => {
    const arabic = 'إحصائيات '.repeat(60).trim().slice(0, 500);
    const site = portalOf([
      { name: 'etudes', title: 'Études', resources: [resource('u1')] },
      { name: 'etudes-2', title: 'Etudes', resources: [resource('u2')] },
      { name: 'stats', title: arabic, resources: [resource('u3', { name: arabic }), resource('u4', { name: '' })] },
    ]);
    const world = makeWorld();
    const source = sourceOf();
    await collectAll(world, source, siteFetcher(site));
    const ids = (await world.catalog.listDatasets()).map(({ id }) => id);
    expect(ids).toEqual([
      'port_etudes',
      expect.stringMatching(/^port_etudes_[0-9a-f]{8}$/),
      expect.stringMatching(/^port_stats_[0-9a-f]{8}$/),
      expect.stringMatching(/^port_stats_[0-9a-f]{8}$/),
    ]);
    const titles = await Promise.all(ids.map(async (id) => (await world.catalog.getDataset(id))!.title));
    expect(titles.slice(0, 2).sort()).toEqual(['Etudes', 'Études']);
    for (const title of titles) expect(title.length).toBeLessThanOrEqual(300);
    const again = await collectAll(world, source, siteFetcher(site));
    expect(again.run).toMatchObject({ state: 'succeeded', counts: { unchanged: 4 } });
    expect((await world.catalog.listDatasets()).map(({ id }) => id)).toEqual(ids);
  });

  it('keeps the dataset of a resource whose title and address have changed: its id is the same', async () => {
    const world = makeWorld();
    const source = sourceOf();
    await collectAll(world, source, siteFetcher(portalOf([{ name: 'rain' }])));
    const moved = [resource('rain', { url: 'http://port.test/files/moved.csv?v=2' }), resource('new')];
    const site = portalOf([{ name: 'rainfall', title: 'Rainfall', resources: moved }]);
    site['/files/moved.csv?v=2'] = `${CSV}Sines;3\n`;
    const { run } = await collectAll(world, source, siteFetcher(site));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_rain@2', 'port_rainfall_new@1'] });
    expect(await world.catalog.getDataset('port_rain')).toMatchObject({ title: 'Rainfall: RAIN', latest: 2 });
  });

  it('takes titles that are one for each language', async () => {
    const title = { de: '', fr: 'Pluie', it: 'Pioggia' };
    const organization = { name: 'met', title: { de: 'Wetterdienst', fr: 'Météo' } };
    const site = portalOf([{ name: 'rain', title: title as never, notes: null, organization }]);
    expect((await listed(site, { language: 'it' })).resources).toMatchObject([
      { title: 'Pioggia', description: 'Pioggia', publisher: 'Wetterdienst' },
    ]);
    expect((await listed(site)).resources).toMatchObject([{ title: 'Pluie', publisher: 'Wetterdienst' }]);
    expect((await listed(site, { language: 'fr' })).resources).toMatchObject([{ title: 'Pluie', publisher: 'Météo' }]);
  });

  it('takes titles in a language, where there are several', async () => {
    const title_translated = { fr: 'Pluie', ar: 'مطر' };
    const site = portalOf([{ name: 'rain', title: 'Rain', title_translated }]);
    expect((await listed(site, { language: 'fr' })).resources).toMatchObject([
      { title: 'Pluie', dataset: 'port_pluie' },
    ]);
    expect((await listed(site)).resources).toMatchObject([{ title: 'Rain' }]);
  });

  it('leaves out what is deleted, private or without an address', async () => {
    const site = portalOf([
      { name: 'a', resources: [resource('r1', { url: '' }), resource('r2', { url: 'ask at the desk' })] },
      { name: 'b', state: 'deleted' },
      { name: 'c', private: true },
      { name: 'd', resources: [] },
      { name: 'e', resources: [resource('r3', { state: 'deleted' })] },
    ]);
    expect(await listed(site)).toMatchObject({
      resources: [],
      left_out: ['refused: The portal gives no address of it.', "refused: 'ask at the desk' is no address of a file."],
    });
  });
});

describe('Formats as portals write them', () => {
  const url = 'http://port.test/download?id=1';
  it.each([
    'CSV',
    '.csv',
    'CSV.',
    '.cvs',
    'zip+csv',
    'ZIP+CSV',
    '',
    'application/octet-stream',
    'text/csv; charset=utf-8',
    'XLSX',
    'Dados',
  ])('%j is looked into', (format) => expect(leftOutBy(format, url, undefined)).toBeUndefined());
  it.each([
    ['PDF', url, PDF],
    ['ODT', url, 'Its format is ODT, of which no tables are read.'],
    ['', 'http://port.test/Rapport%20final.PDF?x=1', 'The name of its file ends in PDF, of which no tables are read.'],
    [
      'application/octet-stream',
      'http://port.test/a.docx',
      'The name of its file ends in DOCX, of which no tables are read.',
    ],
  ])('%j at %s is refused without a request', (format, at, reason) => {
    expect(leftOutBy(format, at, undefined)).toEqual({ state: 'refused', reason });
  });
  it('that are not wanted are excluded', () => {
    expect(leftOutBy('XLSX', url, ['CSV'])).toEqual({
      state: 'excluded',
      reason: 'Its format is XLSX; of this source only CSV is taken.',
    });
    expect(leftOutBy('.cvs', url, ['csv'])).toBeUndefined();
    expect(leftOutBy('zip+csv', url, ['csv'])).toBeUndefined();
  });
});
