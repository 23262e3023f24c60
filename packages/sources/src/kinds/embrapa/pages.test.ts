import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '@granary/domain/dataset';
import { withKind } from '@granary/domain/kind';
import { observed } from '@granary/domain/use-cases/collect/hear-opinion';
import { startReplay } from '@granary/domain/use-cases/collect/start-replay';
import { workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { itWith, samples } from '@granary/local/testing/wanted';
import { embrapaFile } from '@granary/replica/embrapa/file';
import { embrapaPage, fileOfPage } from '@granary/replica/embrapa/made-page';
import { describe, expect, it } from '@jest/globals';
import { TABLE_SOURCES } from '../../sources.gen.ts';
import { collectAll, latestRows, makeWorld, siteFetcher } from '../../testing/source-world.ts';
import { fileOf } from './files.ts';
import { kind } from './kind.ts';
import { pageOpinion } from './page-opinion.ts';

type World = ReturnType<typeof makeWorld>;
const shipped = TABLE_SOURCES.find(({ id }) => id === 'embrapa')!;
const edition = (vintage: number) => ({ seed: 'granary', vintage });

/** The shipped source with one of its files. */
const sourceOf = (dataset: string, limits?: object) => {
  const { config, datasets } = shipped;
  return withKind(kind, {
    ...shipped,
    config: { files: config.files.filter(({ dataset: one }: { dataset: string }) => one === dataset) },
    datasets: datasets
      .filter(({ id }) => id === dataset)
      .map((one) => ({ ...one, plausible: { ...one.plausible, ...(limits && { limits }) } })),
  });
};
const producao = sourceOf('embrapa_producao');

type Shown = { vintage?: number; csv?: string | Buffer | null; differs?: boolean; newest?: number };

/** The site as far as it is asked for: a file of that vintage (or none), and its pages. */
const siteOf = (
  name: string,
  { vintage = 2025, csv, differs = false, newest = vintage }: Shown = {},
  asked: string[] = [],
) => {
  const file = csv === undefined ? embrapaFile(name, edition(vintage)) : csv;
  return siteFetcher(
    new Proxy({} as Record<string, string | Uint8Array>, {
      get(_, path: string) {
        if (path.endsWith('.csv')) return file ?? undefined;
        const query = new URL(path, 'http://x/').searchParams;
        if (fileOfPage(query) !== name) return undefined;
        const year = query.get('ano');
        return embrapaPage(name, edition(newest), { differs, ...(year !== null && { year: Number(year) }) });
      },
    }),
    asked,
  );
};
const versionsOf = async (world: World, id = 'embrapa_producao') => [
  ...(await world.catalog.listVersions(id, { limit: 10 })),
  ...(await world.catalog.listWithheld(id)),
];

describe('The page of the newest year, as a second opinion of a file', () => {
  it('is asked once for each new file; the version says that it gives the same figures', async () => {
    const world = makeWorld();
    const asked: string[] = [];
    const fetch = siteOf('Producao', {}, asked);
    const { run } = await collectAll(world, producao, fetch);
    expect(run).toMatchObject({ state: 'succeeded', versions: ['embrapa_producao@1'], counts: { requests: 2 } });
    expect(asked).toEqual(['/download/Producao.csv', '/index.php?opcao=opt_02']);
    const [version] = await versionsOf(world);
    expect(version?.notes.at(-1)).toMatch(
      /^The page http:.*index.php\?opcao=opt_02 gives the same \d\d figures of 2025\.$/,
    );
    const again = await collectAll(world, producao, fetch);
    expect(again.run.counts).toMatchObject({ unchanged: 1, requests: 1 });
  });

  it('holds a version whose figures are others there, and says each on the run and the version', async () => {
    const world = makeWorld();
    await collectAll(world, producao, siteOf('Producao', { vintage: 2024 }));
    const { run } = await collectAll(world, producao, siteOf('Producao', { differs: true }));
    const said = /quantity of "VINHO DE MESA \/ VINHO DE MESA" in 2025: 9\d+ on the page, \d+ in the file\./;
    expect(run).toMatchObject({ state: 'partial', errors: [{ held: 2, message: expect.stringMatching(said) }] });
    const [latest, held] = await versionsOf(world);
    expect(latest).toMatchObject({ version: 1, state: 'published' });
    expect(held).toMatchObject({
      state: 'held',
      held: {
        reasons: [
          expect.stringMatching(/gives others than the file for 1 of \d\d figures of 2025/),
          expect.stringMatching(said),
        ],
      },
      second_opinion: { differing: 1 },
    });
    expect(held!.notes.at(-1)).toMatch(said);
  });

  it('is compared as far as a limit of its dataset lets figures differ', async () => {
    const world = makeWorld();
    const lenient = sourceOf('embrapa_producao', { opinions_differ: 0.05 });
    const { run } = await collectAll(world, lenient, siteOf('Producao', { differs: true }));
    expect(run).toMatchObject({ state: 'succeeded', versions: ['embrapa_producao@1'] });
    const [version] = await versionsOf(world);
    expect(version!.notes.at(-1)).toMatch(/on the page/);
  });

  it('keeps a version held when it is replayed, which asks nobody', async () => {
    const world = makeWorld();
    await collectAll(world, producao, siteOf('Producao', { differs: true }));
    const deps = {
      ...world,
      sources: fixedSources(producao),
      findSource: () => producao,
      baseUrl: () => producao.base_url,
    };
    const { id } = await startReplay({ ...deps, queue: world.queue as never })({ dataset: 'embrapa_producao' });
    await workOnPart(deps)(world.queue.sent.at(-1)!.message, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(await world.runs.getRun(id)).toMatchObject({ counts: { requests: 0 }, versions: [] });
    expect((await versionsOf(world)).map(({ state }) => state)).toEqual(['held']);
  });

  it('is no reason against a file where it cannot be had, or is of another year', async () => {
    for (const [site, note] of [
      [{ newest: 2026 }, /has no figures of 2026 that the file has too/],
      [{ newest: 1 }, /none was had: .* 404/],
    ] as const) {
      const world = makeWorld();
      const fetch = siteOf('Producao', site.newest === 1 ? {} : site);
      const gone = siteFetcher({ '/download/Producao.csv': embrapaFile('Producao', edition(2025)) });
      const { run } = await collectAll(world, producao, site.newest === 1 ? gone : fetch);
      expect(run.state).toBe('succeeded');
      expect((await versionsOf(world))[0]!.notes.at(-1)).toMatch(note);
    }
  });

  it('compares what files have as decimals, in sections, and of trade both figures', async () => {
    for (const [name, dataset] of [
      ['ProcessaViniferas', 'embrapa_processa_viniferas'],
      ['ProcessaSemclass', 'embrapa_processa_semclass'],
      ['Comercio', 'embrapa_comercio'],
      ['ImpVinhos', 'embrapa_imp_vinhos'],
    ] as const) {
      const world = makeWorld();
      const { run } = await collectAll(world, sourceOf(dataset), siteOf(name));
      expect(run).toMatchObject({ state: 'succeeded', errors: [] });
      const [version] = await versionsOf(world, dataset);
      expect(version!.second_opinion).toMatchObject({ differing: 0, unmatched: expect.any(Number) });
      expect(version!.second_opinion!.compared).toBeGreaterThan(name === 'ProcessaSemclass' ? 0 : 50);
      expect(version!.second_opinion!.unmatched).toBeLessThanOrEqual(4);
    }
  });
});

describe('The pages of all years, in the place of a file', () => {
  it('become the first version when the file is not there, and the run says so', async () => {
    const world = makeWorld();
    const asked: string[] = [];
    const { run } = await collectAll(world, producao, siteOf('Producao', { csv: null }, asked));
    expect(asked).toHaveLength(1 + 56);
    expect(run).toMatchObject({
      state: 'partial',
      versions: ['embrapa_producao@1'],
      errors: [{ message: expect.stringMatching(/404 .*index.php\?opcao=opt_02 was read instead\.$/) }],
    });
    const fromPages = await latestRows(world, 'embrapa_producao');
    const other = makeWorld();
    await collectAll(other, producao, siteOf('Producao'));
    const fromFile = await latestRows(other, 'embrapa_producao');
    const known = (rows: unknown[][]) =>
      new Set(
        rows
          .filter((row) => row[4])
          .map(([section, product, , year, quantity]) => JSON.stringify([section, product, year, quantity])),
      );
    expect(known(fromPages)).toEqual(known(fromFile));
    expect(fromPages).toHaveLength(fromFile.length);
  });

  it('are not read again while the newest one says the same as the version that there is', async () => {
    const world = makeWorld();
    await collectAll(world, producao, siteOf('Producao'));
    const asked: string[] = [];
    const { run } = await collectAll(world, producao, siteOf('Producao', { csv: '<html>Error</html>' }, asked));
    expect(asked).toEqual(['/download/Producao.csv', '/index.php?opcao=opt_02']);
    expect(run).toMatchObject({
      state: 'failed',
      versions: [],
      errors: [{ message: expect.stringMatching(/HTML page, not CSV\. .* says the same as version 1\.$/) }],
    });
    const dataset = (await world.catalog.getDataset('embrapa_producao')) as Dataset;
    expect(dataset.refused?.reason).toMatch(/HTML page.*was read instead/);
  });

  it('give a new year; it is held where noughts of the file became missing, and the file that is back replaces it', async () => {
    const world = makeWorld();
    await collectAll(world, producao, siteOf('Producao', { vintage: 2024 }));
    const gone = siteOf('Producao', { vintage: 2025, csv: null });
    const { run } = await collectAll(world, producao, gone);
    expect(run.errors[0]!.message).toMatch(/Version 2 .* is held .*figures in quantity/);
    const asked: string[] = [];
    await collectAll(world, producao, siteOf('Producao', { vintage: 2025, csv: null }, asked));
    expect(asked).toHaveLength(2);
    const back = await collectAll(world, producao, siteOf('Producao', { vintage: 2025 }));
    expect(back.run).toMatchObject({ state: 'succeeded', versions: ['embrapa_producao@3'] });
  });

  it('come out the same when they are rebuilt from what was stored', async () => {
    const world = makeWorld();
    await collectAll(world, producao, siteOf('Producao', { csv: null }));
    const deps = {
      ...world,
      sources: fixedSources(producao),
      findSource: () => producao,
      baseUrl: () => producao.base_url,
    };
    const { id } = await startReplay({ ...deps, queue: world.queue as never })({
      dataset: 'embrapa_producao',
      version: 1,
    });
    await workOnPart(deps)(world.queue.sent.at(-1)!.message, { receive_count: 1, receipt_handle: 'r', memory_gb: 1 });
    expect(await world.runs.getRun(id)).toMatchObject({ state: 'succeeded', counts: { requests: 0 } });
  });

  it('are said to be no help when they cannot be read either', async () => {
    const world = makeWorld();
    const { run } = await collectAll(
      world,
      producao,
      siteFetcher({ '/index.php?opcao=opt_02': '<p>Em manutenção</p>' }),
    );
    expect(run).toMatchObject({ state: 'failed', versions: [] });
    expect(run.errors[0]!.message).toMatch(/404 Nor could .* be read instead: The page holds no table of figures/);
  });
});

describe('The pages of the real site', () => {
  for (const [page, dataset, year, figures] of [
    ['isabelle_opt_02', 'embrapa_producao', 1976, 51],
    ['isabelle_opt_05', 'embrapa_imp_vinhos', 1979, 68 * 2],
  ] as const)
    itWith(samples('data/embrapa-html'), `say the same as the real file: ${dataset} of ${year}`, async (folder) => {
      const file = fileOf(shipped, dataset);
      const opinion = pageOpinion(file, 'http://x/', '');
      const bytes = readFileSync(join(folder, `../embrapa/${file.name}.csv`));
      const [table] = await kind.tables(
        shipped,
        { dataset, url: 'http://x/', hints: {} },
        {
          bytes: bytes.length,
          read: (from: number, to: number) => bytes.subarray(from, to),
          *chunks() {},
        },
      );
      const nowhere = { begin() {}, rows() {}, quarantine() {} };
      await observed(table!.read, opinion)({ processing_date: '2024-11-20' }, nowhere);
      const heard = await opinion.compare(readFileSync(join(folder, `${page}.html`)));
      expect(heard).toMatchObject({ about: `of ${year}`, compared: figures, differing: 0, newest: false });
    });
});
