import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { describe, expect, it } from '@jest/globals';
import { collectAll, makeWorld, portSource, type Site, siteFetcher } from '../../testing/source-world.ts';
import { kind } from './kind.ts';

const CSV = 'place;mm\nFaro;1\nLagos;2\n';
const page = (inner: string, more = '') =>
  `<!doctype html><html><body><div role="main">${inner}</div>${more}<a href="/group/about">About</a></body></html>`;
const pagination = (...numbers: number[]) =>
  `<div class="pagination"><ul>${numbers.map((n) => `<li><a href="?page=${n}">${n}</a></li>`).join('')}</ul></div>`;
const groups = (...names: string[]) => page(names.map((name) => `<a href="/group/${name}">${name}</a>`).join(''));
const list = (names: readonly string[], ...numbers: number[]) =>
  page(
    names
      .map(
        (name) =>
          `<li class="dataset-item"><h2><a href="/dataset/${name}">${name}</a></h2><a href="/dataset/${name}">CSV</a></li>`,
      )
      .join(''),
    pagination(...numbers),
  );
const item = (id: string, { format = 'CSV', url = `/files/${id}.csv` } = {}) =>
  `<li class="resource-item" data-id="${id}"><a class="heading" href="/dataset/x/resource/${id}" title="${id}">${id}
    <span class="format-label" data-format="${format.toLowerCase()}">${format}</span></a><p class="description">Of ${id}</p>
    ${url && `<a class="resource-url-analytics" href="${url}">Get</a>`}</li>`;
const dataset = (title: string, ...items: string[]) =>
  page(
    `<h1> ${title}\n</h1><div class="notes"><p>About ${title}.</p></div><ul class="resource-list">${items.join('')}</ul>
     <ul class="tag-list"><li><a>rain</a></li><li><a>wind speed</a></li></ul>`,
    `<aside><div class="context-info"><h1 class="heading">The office</h1></div><section class="license">
     <p><a rel="dc:rights" href="http://opendefinition.org/licenses/cc-by">Attribution</a></p></section></aside>`,
  );
const source = (config: object = {}) => portSource(kind as never, config);

describe('A portal without an API', () => {
  it('is read by its themes, their pages and the pages of datasets; what is in no theme comes last', async () => {
    const site: Site = {
      '/group': groups('water', 'air'),
      '/group/air': list(['rain'], 2),
      '/group/air?page=2': list(['wind'], 1),
      '/group/water': list(['rain', 'tides']),
      '/dataset': list(['other', 'rain', 'wind', 'tides']),
      '/dataset/rain': dataset('Rain', item('r1'), item('r2', { format: 'PDF', url: '/r2' })),
      '/dataset/wind': dataset('Wind', item('w1')),
      '/dataset/tides': dataset('Tides', item('t1'), item('t2', { url: '' })),
      '/dataset/other': dataset('Other', item('o1', { format: '', url: 'http://port.test/files/o1.csv#x' })),
      ...Object.fromEntries(['r1', 'w1', 't1', 'o1'].map((id) => [`/files/${id}.csv`, CSV])),
    };
    const paths: string[] = [];
    const world = makeWorld();
    const { run } = await collectAll(world, source(), siteFetcher(site, paths));
    expect(run.errors).toEqual([]);
    expect(run).toMatchObject({ state: 'succeeded', counts: { errors: 0 } });
    const datasets = await world.catalog.listDatasets();
    expect(datasets.map(({ id, title, theme }) => [id, title, theme])).toEqual([
      ['port_other', 'Other', 'environment'],
      ['port_rain_r1', 'Rain: r1', 'air'],
      ['port_tides_t1', 'Tides: t1', 'water'],
      ['port_wind', 'Wind', 'air'],
    ]);
    expect(datasets[1]).toMatchObject({
      ...{ description: 'About Rain.\n\nOf r1', tags: ['rain', 'wind speed'], publisher: 'The office' },
      licence: { name: 'cc-by', title: 'Attribution', path: 'http://opendefinition.org/licenses/cc-by' },
    });
    // The API is looked for; then each page is read once, and each file.
    expect(paths.slice(1).sort()).toEqual(Object.keys(site).sort());
  });

  it('takes the groups, organizations or search that are asked for', async () => {
    const site: Site = {
      '/group/air': list(['rain']),
      '/organization/met': list(['rain']),
      '/dataset?q=rain%20fall': list(['rain']),
      '/dataset/rain': dataset('Rain', item('r1')),
      '/files/r1.csv': CSV,
    };
    for (const config of [{ groups: ['air'] }, { organizations: ['met'] }, { search: 'rain fall' }]) {
      const { run } = await collectAll(makeWorld(), source(config), siteFetcher(site));
      expect(run).toMatchObject({ state: 'succeeded', versions: ['port_rain@1'] });
    }
  });

  it('ends where its lists lead in a circle, or always to another page', async () => {
    const endless: Site = new Proxy<Site>(
      { '/dataset/rain': dataset('Rain', item('r1')), '/files/r1.csv': CSV },
      {
        get: (there, path: string) => {
          const number = Number(/page=(\d+)/.exec(path)?.[1] ?? 1);
          return there[path] ?? (path.startsWith('/group/air') ? list(['rain'], number - 1, number + 1, 1) : undefined);
        },
      },
    );
    const paths: string[] = [];
    const { run } = await collectAll(makeWorld(), source({ groups: ['air'] }), siteFetcher(endless, paths));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['port_rain@1'] });
    expect(paths.filter((path) => path.startsWith('/group/'))).toEqual(['/group/air', '/group/air?page=2']);
  });

  it('fails for a page that is none of a dataset, such as a login, and collects the others', async () => {
    const site: Site = {
      '/group/air': list(['rain', 'secret']),
      '/dataset/rain': dataset('Rain', item('r1')),
      '/dataset/secret': page('<h1>Sign in</h1><form></form>'),
      '/files/r1.csv': CSV,
    };
    const { run } = await collectAll(makeWorld(), source({ groups: ['air'] }), siteFetcher(site));
    expect(run).toMatchObject({ state: 'partial', versions: ['port_rain@1'] });
    expect(run.errors).toMatchObject([
      { url: 'http://port.test/dataset/secret', message: expect.stringContaining('none of a dataset') },
    ]);
  });
});

describeWith(samples('data/ckan'), 'The page of a dataset of a real portal', (folder) => {
  const path = join(folder, 'dataset-page.html');
  it('says its title, tags, licence, organization and resources', async () => {
    expect(existsSync(path)).toBe(true);
    const { listing } = source();
    const url = 'https://datos.sonora.gob.mx/dataset/Recursos%20H%C3%ADdricos';
    const found = await listing!.read({ url, hints: { as: 'dataset' } }, readFileSync(path), { base_url: url });
    expect(found.resources).toHaveLength(10);
    expect(found.left_out).toMatchObject([{ state: 'refused', reason: 'The portal gives no address of it.' }]);
    expect(found.resources[0]).toMatchObject({
      ...{ dataset: 'port_recursos_hidricos_datos_hidricos_1941_1949', id: 'f2333c5e-26ea-47c8-93ee-fda5e9106672' },
      title: 'Recursos Hídricos: Datos hídricos 1941-1949',
      tags: ['presas', 'recursos hidricos'],
      publisher: 'Secretaría de Agricultura, Ganadería, Recursos Hidráulicos, Pesca y Acuacultura',
      licence: { name: 'cc-by', title: 'Creative Commons Attribution' },
    });
  });
});
