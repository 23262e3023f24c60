import { afterEach, describe, expect, it } from '@jest/globals';
import { type RunningReplica, startReplica } from '../replica.ts';
import { THEMES } from './dataset-spec.ts';

let replica: RunningReplica;
const start = async (options: Parameters<typeof startReplica>[0] = {}): Promise<string> => {
  replica = await startReplica({ port: 0, ...options });
  return replica.bases.portal;
};
afterEach(() => replica.close());

type Resource = { id: string; name: string; format: string; url: string };
type Package = {
  id: string;
  name: string;
  title: string;
  metadata_modified: string;
  groups: { name: string }[];
  tags: { name: string }[];
  resources: Resource[];
};
type Search = { count: number; results: Package[] };
type Answer<T> = { status: number; success: boolean; result: T; error?: object };

const action = async <T>(name: string, query: Record<string, string | number> = {}): Promise<Answer<T>> => {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const answer = await fetch(`${replica.bases.portal}api/3/action/${name}?${parameters}`);
  return { status: answer.status, ...((await answer.json()) as Omit<Answer<T>, 'status'>) };
};
const everything = async (): Promise<Package[]> =>
  (await action<Search>('package_search', { rows: 1000 })).result.results;
const page = async (path: string) => (await fetch(new URL(path, replica.bases.portal))).text();
const matchesOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!);

/** Names of the datasets of a theme, by its pages. */
const listedByPages = async (theme: string): Promise<string[]> => {
  const names: string[] = [];
  for (let n = 1; ; n++) {
    const text = await page(`group/${theme}?page=${n}`);
    names.push(...matchesOf(text, /<h2 class="dataset-heading"><a href="\/data\/fr\/dataset\/([^"]+)"/g));
    if (!text.includes(`?page=${n + 1}"`)) return names.map(decodeURIComponent);
  }
};

describe('the portal', () => {
  it('has 8 themes, 60 datasets and 123 resources in every format, by its API', async () => {
    await start();
    const { result } = await action<string[]>('group_list');
    expect(result).toEqual(THEMES.map(([name]) => name));
    const datasets = await everything();
    expect(datasets).toHaveLength(60);
    const resources = datasets.flatMap((dataset) => dataset.resources);
    expect(resources).toHaveLength(123);
    expect(new Set(resources.map(({ id }) => id)).size).toBe(123);
    const formats = new Set(resources.map(({ format }) => format));
    for (const format of 'CSV,XLSX,XLS,ODS,JSON,ZIP,GeoJSON,CSV.GZ,HTML,Parquet,PDF,CSV.,.cvs,zip+csv,'.split(','))
      expect(formats).toContain(format);
    expect(resources.filter(({ url }) => url.endsWith('/nomenclature.csv'))).toHaveLength(10);
    expect(datasets.filter(({ groups }) => groups.length === 2)).toHaveLength(3);
    expect([...datasets.find(({ name }) => name === 'population-ar')!.title]).toHaveLength(500);
  });

  it('shows the same by its pages', async () => {
    await start({ portal: { api: null } });
    expect((await fetch(`${replica.bases.portal}api/3/action/status_show`)).status).toBe(404);
    const themes = matchesOf(await page('group'), /<a href="\/data\/fr\/group\/([^"]+)" [^>]*class="media-view"/g);
    expect(themes).toEqual(THEMES.map(([name]) => name));
    const names = new Set<string>();
    const shown = new Map<string, string[]>();
    for (const theme of themes)
      for (const name of await listedByPages(theme)) {
        if (names.has(name)) continue;
        names.add(name);
        const text = await page(`dataset/${encodeURIComponent(name)}`);
        const links = /<a href="([^"]+)" class="resource-url-analytics"/g;
        const urls = matchesOf(text, links).map((url) => url.replaceAll('&amp;', '&'));
        shown.set(name, [...matchesOf(text, /<li class="resource-item" data-id="([^"]+)"/g), ...urls]);
        expect(text).toContain('<ul class="tag-list well"><li><a class="tag"');
      }
    replica.setPortal({ api: '/data/api/3/action/' });
    const answer = await fetch(`${replica.url}/data/api/3/action/package_search?rows=1000`);
    const { results } = ((await answer.json()) as Answer<Search>).result;
    expect(shown).toEqual(
      new Map(results.map(({ name, resources: r }) => [name, [...r.map(({ id }) => id), ...r.map(({ url }) => url)]])),
    );
  });

  it('searches by pages, themes and words, and refuses as CKAN does', async () => {
    await start();
    const first = (await action<Search>('package_search', { fq: 'groups:sante', rows: 3 })).result;
    const second = (await action<Search>('package_search', { fq: 'groups:"sante"', rows: 100, start: 3 })).result;
    expect(first.results).toHaveLength(3);
    expect(second.results).toHaveLength(first.count - 3);
    expect((await action<Search>('package_search', { q: 'Chômage' })).result.results[0]!.name).toBe(
      'chomage-par-province',
    );
    const some = { fq: 'groups:("sante" OR "emploi") AND tags:province', sort: 'name asc', rows: 100 };
    const named = (await action<Search>('package_search', some)).result.results;
    expect(named.map(({ name }) => name)).toEqual(named.map(({ name }) => name).toSorted());
    expect(new Set(named.map(({ groups }) => groups[0]!.name))).toEqual(
      new Set(['emploi', 'sante', 'economie-et-finances']),
    );
    const sorted = (await action<Search>('package_search', { sort: 'metadata_modified desc', rows: 60 })).result;
    const dates = sorted.results.map(({ metadata_modified }) => metadata_modified);
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(await action('package_show', { id: 'nothing' })).toMatchObject({
      ...{ status: 404, success: false, error: { __type: 'Not Found Error', message: 'Introuvable' } },
    });
    expect(await action('package_show')).toMatchObject({ status: 409, error: { __type: 'Validation Error' } });
    expect(await action('package_search', { fq: 'colour:red' })).toMatchObject({ status: 400, success: false });
    expect((await fetch(`${replica.bases.portal}api/3/action/nothing`)).status).toBe(400);
    const [{ id, name }] = first.results as [Package];
    expect((await action<Package>('package_show', { id })).result.name).toBe(name);
  });

  it('has what its faults say: a page without end, a listing that changes, an error with status 200', async () => {
    await start({ faults: [{ path: '*/package_search', kind: 'page-loop' }] });
    const ask = async (start: number) => (await action<Search>('package_search', { start, rows: 2 })).result?.results;
    expect(await ask(50)).toEqual(await ask(0));
    replica.setFaults([{ path: '*/group/emploi', kind: 'page-loop' }]);
    const text = await page('group/emploi?page=900');
    expect(text).toContain('?page=901"');
    expect(text).toContain('class="dataset-item"');
    replica.setFaults([{ path: '*/package_search', kind: 'listing-changes' }]);
    expect((await ask(1))![0]).not.toEqual((await ask(1))![0]);
    replica.setFaults([{ path: '*/package_search', kind: 'error-200' }]);
    expect(await action('package_search')).toMatchObject({ status: 200, success: false });
  });

  it('has a robots.txt, which can be another or none', async () => {
    await start();
    const robots = () => fetch(`${replica.url}/robots.txt`);
    expect(await (await robots()).text()).toMatch(/^User-agent: \*\nDisallow: .*\nDisallow: \/data\/fr\/reserve\/$/ms);
    replica.setPortal({ robots: 'User-agent: *\nDisallow: /\n' });
    expect(await (await robots()).text()).toContain('Disallow: /\n');
    replica.setPortal({ robots: null });
    expect((await robots()).status).toBe(404);
  });
});

describe('the files of the portal', () => {
  const urlOf = async (dataset: string, at = 0): Promise<string> =>
    (await action<Package>('package_show', { id: dataset })).result.resources[at]!.url;

  it('have validators, and answer 304 to them', async () => {
    await start();
    const url = await urlOf('cheptel-par-province');
    const first = await fetch(url);
    const headers = { 'if-none-match': first.headers.get('etag')! };
    expect(Date.parse(first.headers.get('last-modified')!)).toBeLessThan(Date.UTC(2026, 1));
    expect((await fetch(url, { headers })).status).toBe(304);
    expect(replica.requestsByStatus()).toMatchObject({ 200: 2, 304: 1 });
    const unmarked = await fetch(await urlOf('ce-qui-n-est-pas-un-tableau'));
    expect([unmarked.headers.get('etag'), unmarked.headers.get('content-type')]).toEqual([
      ...[null, 'application/octet-stream'],
    ]);
  });

  it('lie at addresses with queries, which are counted each', async () => {
    await start();
    const [air, , forests] = (await action<Package>('package_show', { id: 'adresses-a-parametres' })).result.resources;
    const bodies = [await (await fetch(air!.url)).text(), await (await fetch(forests!.url)).text()];
    expect(bodies[0]).not.toBe(bodies[1]);
    expect(replica.requestsOf('/data/fr/export?table=air&format=csv')).toBe(1);
    expect(replica.requestsOf('/data/fr/export')).toBe(2);
    expect((await fetch(`${replica.bases.portal}export?table=nothing`)).status).toBe(404);
  });

  it('redirect to a page to sign in, are missing, or are an error page named .xlsx', async () => {
    await start();
    const secret = await fetch(await urlOf('fichiers-reserves'));
    expect([new URL(secret.url).pathname, secret.headers.get('content-type')]).toEqual([
      ...['/data/fr/user/login', 'text/html; charset=utf-8'],
    ]);
    const error = await fetch(await urlOf('ce-qui-n-est-pas-un-tableau', 1));
    expect(error.headers.get('content-type')).toContain('spreadsheetml');
    expect(await error.text()).toContain('<title>Service momentanément indisponible</title>');
    expect((await fetch(await urlOf('ce-qui-n-est-pas-un-tableau', 3))).status).toBe(404);
  });
});

describe('a later edition of the portal', () => {
  it('changes files, moves some, and lists other datasets; what moved or went is not at its old address', async () => {
    await start();
    const before = await everything();
    const changing = before.find(({ name }) => name === 'cheptel-par-province')!;
    const moving = before.find(({ name }) => name === 'surfaces-irriguees-par-province')!;
    const etag = async (url: string) => (await fetch(url)).headers.get('etag');
    const [changed, moved] = [await etag(changing.resources[0]!.url), await etag(moving.resources[0]!.url)];
    replica.setPortal({ edition: 2 });
    const after = await everything();
    const only = (some: Package[], others: Package[]) =>
      some.filter(({ id }) => !others.some((other) => other.id === id)).length;
    expect([only(after, before), only(before, after)]).toEqual([3, 2]);
    expect(await etag(changing.resources[0]!.url)).not.toBe(changed);
    const there = after.find(({ name }) => name === moving.name)!.resources[0]!;
    expect([there.id, there.url]).toEqual([moving.resources[0]!.id, expect.stringContaining('/fichiers/2026/')]);
    expect(await etag(there.url)).toBe(moved);
    expect((await fetch(moving.resources[0]!.url)).status).toBe(404);
    const back = (datasets: Package[]) => datasets.find(({ name }) => name === 'date-qui-recule')!;
    expect(back(after).metadata_modified < back(before).metadata_modified).toBe(true);
    expect(back(after).title).toBe('Une date qui recule (ancienne notice)');
  });

  it('deletes a share of the datasets with their files', async () => {
    await start();
    const before = await everything();
    replica.setPortal({ deleted_share: 0.25 });
    const after = await everything();
    expect(after).toHaveLength(45);
    const gone = before.find(({ id }) => !after.some((dataset) => dataset.id === id))!;
    expect((await fetch(gone.resources[0]!.url)).status).toBe(404);
    expect((await action('package_show', { id: gone.name })).status).toBe(404);
  });
});

describe('a portal of many datasets', () => {
  it('lists them by pages of the same length, with files that have tags', async () => {
    await start({ portal: { size: 10_000 } });
    const { count, results } = (await action<Search>('package_search', { start: 9_990, rows: 100 })).result;
    expect([count, results.length]).toEqual([10_000, 10]);
    const fq = 'groups:education';
    expect((await action<Search>('package_search', { fq, rows: 0 })).result.count).toBe(1250);
    const { resources, name } = results.at(-1)!;
    expect([name, resources.length]).toEqual(['jeu-0009999', 2]);
    const [first, second] = await Promise.all(resources.map(({ url }) => fetch(url)));
    expect(first!.headers.get('etag')).not.toBe(second!.headers.get('etag'));
    const headers = { 'if-none-match': first!.headers.get('etag')! };
    expect((await fetch(first!.url, { headers })).status).toBe(304);
    expect(await page('group/education?page=63')).toContain('jeu-0009946');
    expect(await page('dataset/jeu-0009999')).toContain(resources[1]!.url);
  });

  it('is asked for by PUT /__replica, which refuses what makes no sense', async () => {
    await start();
    const put = (portal: unknown) =>
      fetch(`${replica.url}/__replica`, { method: 'PUT', body: JSON.stringify({ portal }) });
    expect((await put({ size: 3, api: null })).status).toBe(200);
    expect(await page('dataset')).toContain('3 jeux de données trouvés');
    for (const portal of [7, { size: 0 }, { edition: 0 }, { api: 'x' }, { deleted_share: 2 }, { robots: 1 }, { no: 1 }])
      expect((await put(portal)).status).toBe(400);
    expect(await page('dataset')).toContain('3 jeux de données trouvés');
  });
});
