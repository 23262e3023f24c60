import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Listing, Resource } from '@granary/domain/source';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { expect, it } from '@jest/globals';
import { portSource } from '../../testing/source-world.ts';
import { kind } from './kind.ts';

type Package = { name: string; tags: unknown[]; groups: { name: string }[]; license_id: string; resources: unknown[] };

/** What real portals answered: counts were taken of the files with jq. */
describeWith(samples('data/ckan'), 'Real answers of an Action API', (folder) => {
  const source = portSource(kind as never, {});
  const [page] = source.listing!.first({ base_url: source.base_url });
  const read = (body: string | Buffer): Promise<Listing> | Listing =>
    source.listing!.read({ ...page!, hints: { as: 'search', api: page!.hints.api!, start: '0' } }, Buffer.from(body), {
      base_url: source.base_url,
    });
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const asSearch = (results: readonly Package[]) =>
    JSON.stringify({ success: true, result: { count: results.length, results } });
  const summed = ({ resources, left_out = [] }: Listing) => ({
    fetched: resources.length,
    left_out: left_out.length,
    tags: new Set(resources.flatMap(({ tags = [] }) => tags)).size,
    themes: [...new Set(resources.map(({ theme }) => theme))],
    licences: [...new Set(resources.map(({ licence }: Resource) => licence?.name))],
    ids: new Set([...resources, ...left_out.map(({ resource }) => resource)].map(({ id }) => id)).size,
  });

  it('of one dataset has an address that is none, and a page of HTML: both are left out, with the reason', async () => {
    const { left_out = [] } = await read(asSearch([json('package_show.json').result]));
    expect(left_out.map(({ reason }) => reason.replace(/\s+/g, ' '))).toEqual([
      'Its format is HTML, of which no tables are read.',
      expect.stringMatching(/^'https:\/\/Gerenciamento de Projetos www\..*' is no address of a file\.$/),
    ]);
  });

  it('of package_search give every dataset with all its resources, and lead to the next page', async () => {
    const listing = await read(readFileSync(join(folder, 'package_search.json')));
    const { results } = json('package_search.json').result as { results: Package[] };
    expect(results.map(({ resources }) => resources.length)).toEqual([47, 38]);
    expect(summed(listing)).toEqual({
      ...{ fetched: 81, left_out: 4, ids: 85, tags: 11, themes: [undefined], licences: ['other-pd', 'cc-by'] },
    });
    expect(new URL(listing.next[0]!.url).searchParams.get('start')).toBe('1');
    expect(listing.next[0]!.hints).toMatchObject({ after: 'comprasnet-contratos', count: '13786' });
  });

  it('of package_show and group_package_show give them too', async () => {
    expect(summed(await read(asSearch([json('package_show.json').result])))).toEqual({
      ...{ fetched: 57, left_out: 2, ids: 59, tags: 5, themes: [undefined], licences: ['cc-by'] },
    });
    const of = json('group_package_show.json').result as Package[];
    expect(of).toHaveLength(9);
    const listing = await read(asSearch(of));
    expect(summed(listing)).toEqual({
      ...{
        fetched: 27,
        left_out: 41,
        ids: 68,
        tags: 2,
        themes: ['agricultura_extrativismo_e_pesca'],
        licences: ['odc-odbl'],
      },
    });
    for (const { dataset } of listing.resources) expect(dataset).toMatch(/^port_[a-z0-9_]{1,100}$/);
  });

  it('of what is not found are an error', async () => {
    await expect(async () => read(readFileSync(join(folder, 'package_show_404.json')))).rejects.toThrow(
      'Not Found Error: Não encontrado',
    );
  });
});
