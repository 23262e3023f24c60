import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CURL, describeWith } from '@granary/local/testing/wanted';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { blocksOf, ROOT, readPage } from '../docs-commands.ts';
import { compareWithDuckDb } from './compare-with-duckdb.ts';
import { type FileSite, isUnchanged, SITE_ADDRESSES, SITE_DATASETS, SITE_SOURCES, serveFiles } from './file-site.ts';
import { freePorts, WITHOUT_TOWN } from './stack.ts';

/** What docs/add-a-source.md and docs/add-an-endpoint.md tell a newcomer to do, done in a copy of the repository. */
const [makeFile, look, generate, start, ask] = blocksOf('docs/add-a-source.md').map(
  ({ commands }) => commands,
) as string[];
const [, callLicence] = blocksOf('docs/add-an-endpoint.md').map(({ commands }) => commands) as string[];

const shown = (page: string, language: string, place: number): string =>
  [...readPage(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))][place]![1]!;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** A second source turned tests red that knew of one. */
const SEE_EVERY_SOURCE = [
  ...['packages/local/src/start-sources', 'packages/sources/src/registry', 'scripts/gen/sources'],
  ...['services/ingestion/src/deps', 'services/ingestion/src/sweep', 'tests/deploy/stage-sources'],
];

/** Without what jest and other stacks put there. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(JEST_|NODE_OPTIONS$|NODE_ENV$|AWS_|GRANARY_)/.test(name)),
);

describeWith(CURL, 'The walk-throughs', () => {
  let copy: string;
  let port: number;
  let stack: ChildProcess;
  let output = '';
  let looked = '';
  let site: FileSite;
  let begin: () => Promise<void>;
  /** Runs commands of a page as they stand there, on this stack's ports. */
  const run = (commands: string, seconds = 120): string =>
    String(
      execFileSync('bash', ['-euo', 'pipefail', '-c', commands.replaceAll('localhost:4000', `localhost:${port}`)], {
        ...{ cwd: copy, env, timeout: seconds * 1000, maxBuffer: 2 ** 24 },
      }),
    );

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'granary-walk-'));
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
    // One that was deleted and not yet committed is still listed.
    for (const file of String(files)
      .split('\0')
      .filter((name) => name && existsSync(join(ROOT, name))))
      cpSync(join(ROOT, file), join(copy, file));
    port = await freePorts();
    const filePort = await freePort();
    run(makeFile!);
    looked = run(look!);
    writeFileSync(join(copy, 'packages/sources/src/sources/stations.yml'), shown('docs/add-a-source.md', 'yml', 0));
    writeFileSync(
      join(copy, 'services/api/src/endpoints/catalog/get-licence.ts'),
      shown('docs/add-an-endpoint.md', 'ts', 0),
    );
    for (const [file, source] of Object.entries(SITE_SOURCES))
      writeFileSync(join(copy, 'packages/sources/src/sources', file), source);
    run(generate!, 300);
    site = await serveFiles();
    const commands = start!.replaceAll('8093', String(filePort)).replace('npm start', `npm start -- --port ${port}`);
    begin = async () => {
      output = '';
      const urls = Object.fromEntries(
        ['HARBOUR', 'QUAY', 'PIER', 'BASIN', 'WHARF'].map((id) => [`GRANARY_${id}_URL`, site.url]),
      );
      stack = spawn('bash', ['-c', commands], { cwd: copy, env: { ...env, ...WITHOUT_TOWN, ...urls }, detached: true });
      for (const stream of [stack.stdout!, stack.stderr!]) stream.on('data', (text) => (output += text));
      const ended = new Promise<never>((_, reject) => stack.once('exit', () => reject(new Error(output))));
      const ready = (async () => {
        while (!output.includes('Demo users:')) await new Promise((resolve) => setTimeout(resolve, 100));
      })();
      await Promise.race([ready, ended]);
      ended.catch(() => undefined);
    };
    await begin();
  }, 540_000);
  const end = async (): Promise<void> => {
    if (stack?.pid && stack.exitCode === null) process.kill(-stack.pid, 'SIGINT');
    await new Promise((resolve) => (stack?.exitCode === null ? stack.once('exit', resolve) : resolve(null)));
  };
  afterAll(async () => {
    await end();
    site?.close();
    if (copy) rmSync(copy, { recursive: true, force: true });
  }, 120_000);

  it('show what Granary makes of a file before it is a source', () => {
    expect(looked).toContain('1. the table (windows-1252, delimiter ;, decimal ,');
    expect(looked).toMatch(/: 300 rows, 4 columns\n +estacao +string\n +municipio +string\n +altitude +double\n/);
  });

  it('add a source by one file: it is collected, served, plotted and queried in SQL', () => {
    const [dataset, records, plot, result] = run(ask!)
      .split(/\n(?=[[{<])/)
      .map((text) => text.trim()) as string[];
    expect(JSON.parse(dataset!)).toMatchObject({
      ...{ id: 'stations_rain', source: 'stations', publisher: 'An office of water', latest: 1, rows: 300 },
      key: ['estacao'],
    });
    expect(JSON.parse(records!)).toEqual(
      [300, 299, 298].map((i) => ({ estacao: `P${i}`, municipio: 'São João', chuva: i * 3 + 0.25 })),
    );
    expect(plot).toMatch(/^<svg /);
    expect(JSON.parse(result!).items).toEqual([{ stations: 300, measured: 258 }]);
    expect(output).toContain('stations_rain');
  });

  /** As `run`, for what asks the site, which is in this process. */
  const runBeside = async (command: string, seconds = 60): Promise<string> => {
    const options = { cwd: copy, env, timeout: seconds * 1000, maxBuffer: 2 ** 24 };
    return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], options)).stdout;
  };
  const granary = async (command: string) => JSON.parse(await runBeside(`npm run -s granary -- ${command} --json`));
  /** Rows and latest version of all that the site has become. */
  const datasets = async (): Promise<Record<string, [number, number]>> =>
    Object.fromEntries(
      (await granary('datasets'))
        .filter(({ source }: { source: string }) => !/^(embrapa|stations)$/.test(source))
        .map(({ id, rows, latest }: { id: string; rows: number; latest: number }) => [id, [rows, latest]]),
    );
  const firstVersions = (rows: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(rows).map(([id, count]) => [id, [count, 1]]));
  const ofAddresses = Object.assign({}, ...Object.values(SITE_ADDRESSES)) as Record<string, number>;
  const askedAnew = () => site.asked.map(({ path }) => path).filter((path) => !isUnchanged(path));
  /** What is asked anew at each start, and what is not. */
  let pages: string[] = [];
  let files: string[] = [];

  it('leave a site of other formats to be read: each of its tables is a dataset', async () => {
    expect(await datasets()).toEqual(firstVersions(SITE_DATASETS));
    expect(site.asked.filter(({ status }) => status !== 200)).toEqual([{ path: 'rain-2020.csv', status: 404 }]);
    pages = askedAnew();
    // Of the API by `link`, the first page stands for all.
    files = site.asked.map(({ path }) => path).filter((path) => isUnchanged(path) && !/^link\?/.test(path));
    expect(pages.length).toBe(13);
  });

  it('make a dataset of an address by one command, within a minute: its rows are read by the API', async () => {
    const said = await runBeside(`npm run -s granary -- add ${site.url}plain.csv --yes`, 60);
    expect(said).toContain('succeeded: published plain_data@1; 3 rows published');
    const [, sayRows] = /\n {2}npx (granary rows .*)\n/.exec(said)!;
    expect(run(sayRows!.replace('granary', 'npm run -s granary --'), 20)).toMatch(
      /^station,level,line,processing_date\r\nFaro,1\.5,2,/,
    );
    const command = `${ask!.split('\n').slice(0, 2).join('\n')}\nask 'http://localhost:4000/v1/records/plain_data?select=station,level&order=level.desc'`;
    expect(JSON.parse(run(command))).toEqual([
      { station: 'Sines', level: 3.25 },
      { station: 'Lagos', level: 2 },
      { station: 'Faro', level: 1.5 },
    ]);
  });

  it('do so with every format, and fetch nothing twice that can be asked for', async () => {
    for (const file of Object.keys(SITE_ADDRESSES).slice(1)) {
      const { run: collected } = await granary(`add '${site.url}${file}' --yes`);
      const counts = { errors: 0, rows_quarantined: 0 };
      expect({ file, ...collected }).toMatchObject({ file, state: 'succeeded', counts });
    }
    expect(await datasets()).toEqual(firstVersions({ ...SITE_DATASETS, ...ofAddresses }));
    site.asked.length = 0;
    const ids = (await granary('sources'))
      .filter(({ origin }: { origin: string }) => origin === 'api')
      .map(({ id }: { id: string }) => id);
    expect(ids.sort()).toEqual(
      Object.keys(SITE_ADDRESSES)
        .map((file) => file.replace(/\..*/, ''))
        .sort(),
    );
    for (const id of ids)
      expect(await granary(`collect ${id}`)).toMatchObject({
        id: expect.any(String),
        state: 'succeeded',
        versions: [],
      });
    // The pages of an API are fetched, and found to be the same.
    expect(askedAnew()).toEqual(['ships', 'ships?page=2']);
    const conditional = site.asked.filter(({ path }) => isUnchanged(path));
    expect(conditional.map(({ path }) => path).sort()).toEqual(Object.keys(SITE_ADDRESSES).filter(isUnchanged).sort());
    expect(conditional.map(({ status }) => status)).toEqual(conditional.map(() => 304));
  }, 240_000);

  it('keep all of it over a restart, unchanged', async () => {
    await end();
    site.asked.length = 0;
    await begin();
    expect(await datasets()).toEqual(firstVersions({ ...SITE_DATASETS, ...ofAddresses }));
    const unchanged = site.asked.filter(({ path }) => isUnchanged(path));
    expect(unchanged.filter(({ status }) => status !== 304)).toEqual([]);
    expect(unchanged.map(({ path }) => path).sort()).toEqual(
      [...files, ...Object.keys(SITE_ADDRESSES).filter(isUnchanged)].sort(),
    );
    expect(askedAnew().sort()).toEqual([...pages, 'ships', 'ships?page=2'].sort());
  }, 240_000);

  it('write the source into the repository instead, where that is wanted', async () => {
    const { file } = await granary(`add ${site.url}plain.csv --write --id written`);
    const path = join(copy, file);
    const written = readFileSync(path, 'utf8');
    expect(written).toContain(`base_url: ${site.url}\n`);
    expect(existsSync(join(path, '..', /\$schema=(\S+)/.exec(written)![1]!))).toBe(true);
    rmSync(path);
  });

  it('leave contracts that say what a new column does: it comes, is held, or is left out', async () => {
    await end();
    site.widen();
    await begin();
    const operator = run('npm run -s token -- operator').trim();
    const get = async (path: string) =>
      (
        await fetch(`http://localhost:${port}${path}`, { headers: { authorization: `Bearer ${operator}` } })
      ).json() as Promise<Record<string, never>>;
    const columns = async (id: string, version: string) =>
      Object.keys((await get(`/v1/records/${id}?version=${version}`))[0]!);
    const versionOf = async (id: string, version: number) => {
      const { state, semver, notes } = await get(`/v1/datasets/${id}/versions/${version}`);
      return { state, semver, notes };
    };
    expect(await versionOf('wharf_evolves', 1)).toMatchObject({ semver: '1.0.0' });
    expect(await versionOf('wharf_evolves', 2)).toMatchObject({ state: 'published', semver: '1.1.0' });
    expect(await columns('wharf_evolves', '2')).toContain('length');

    const reason = 'It has a column length, which version 1 does not have.';
    expect(await versionOf('wharf_freezes', 2)).toMatchObject({ state: 'held', semver: '1.1.0' });
    expect(await get('/v1/datasets/wharf_freezes')).toMatchObject({
      latest: 1,
      held: [{ version: 2, reasons: [reason] }],
    });
    expect(Object.keys((await get('/v1/records/wharf_freezes'))[0]!)).not.toContain('length');
    const { items } = (await get('/v1/runs?kind=collect')) as unknown as {
      items: { source: string; state: string; errors: { message: string; held?: number }[] }[];
    };
    expect(items.find(({ source }) => source === 'wharf')).toMatchObject({
      state: 'partial',
      errors: [{ held: 2, message: expect.stringContaining(reason) }],
    });

    expect(await versionOf('wharf_discards', 2)).toMatchObject({
      ...{ state: 'published', semver: '1.0.1' },
      notes: expect.arrayContaining(['The column length is new and was discarded, as the contract says.']),
    });
    expect(await columns('wharf_discards', '2')).not.toContain('length');
    const { location } = (await get(
      '/v1/datasets/wharf_evolves/download?format=datapackage&redirect=false',
    )) as unknown as { location: string };
    expect(await (await fetch(location)).json()).toMatchObject({ version: '1.1.0', granary: { version: 2 } });
  }, 240_000);

  it('leave quarantined rows that a mended declaration rescues, without a request to the site', async () => {
    const file = join(copy, 'packages/sources/src/sources/wharf.yml');
    const wharf = readFileSync(file, 'utf8');
    await end();
    writeFileSync(file, wharf.replace('url: rescued.csv }', "url: rescued.csv, missing: ['unknown depth'] }"));
    run(generate!, 300);
    await begin();
    const headers = {
      authorization: `Bearer ${run('npm run -s token -- operator').trim()}`,
      'content-type': 'application/json',
    };
    const ask = async (path: string, body?: object) => {
      const sent = body && { method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`http://localhost:${port}${path}`, { headers, ...sent });
      // biome-ignore lint/suspicious/noExplicitAny: the test asserts what the answers hold.
      return { status: answer.status, body: (await answer.json()) as any };
    };
    const ended = async (id: string) => {
      for (;;) {
        const { body } = await ask(`/v1/runs/${id}`);
        if (body.state !== 'running') return body;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    expect((await ask('/v1/records/wharf_rescued?from=quarantine&select=line,column,raw')).body).toEqual([
      { line: 3, column: 'depth', raw: 'B,unknown depth' },
    ]);
    site.asked.length = 0;
    const { status, body } = await ask('/v1/admin/replay', { dataset: 'wharf_rescued' });
    expect(status).toBe(202);
    expect(await ended(body.id)).toMatchObject({
      ...{ state: 'succeeded', versions: ['wharf_rescued@2'], replays: { dataset: 'wharf_rescued' } },
      counts: { requests: 0, rows_published: 3, rows_quarantined: 0 },
    });
    expect((await ask('/v1/records/wharf_rescued?select=berth,depth')).body).toEqual([
      { berth: 'A', depth: 4 },
      { berth: 'B', depth: null },
      { berth: 'C', depth: 6 },
    ]);
    const rebuilds: unknown[] = [];
    for (const version of [1, 2])
      rebuilds.push(await ended((await ask('/v1/admin/rebuild', { dataset: 'wharf_rescued', version })).body.id));
    expect(rebuilds[0]).toMatchObject({
      state: 'failed',
      errors: [{ message: expect.stringContaining('row 2 has "B" in berth, and had "C"') }],
    });
    expect(rebuilds[1]).toMatchObject({ state: 'succeeded', counts: { unchanged: 1 }, errors: [] });
    expect(site.asked).toEqual([]);
  }, 240_000);

  it('leave datasets whose profiles and facets are what DuckDB finds in their files', async () => {
    const token = run('npm run -s token -- analyst').trim();
    const { datasets, differences } = await compareWithDuckDb(async (path) => {
      const answer = await fetch(`http://localhost:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${path} → ${answer.status}: ${await answer.text()}`);
      return answer.json();
    });
    expect(differences).toEqual([]);
    expect(datasets).toEqual(expect.arrayContaining(['stations_rain', ...Object.keys(SITE_DATASETS)]));
  }, 120_000);

  it('add an endpoint by one file', () => {
    expect(JSON.parse(run(callLicence!))).toMatchObject({ name: 'notspecified' });
  });

  it('leave tests as they are that see every source of the repository', () => {
    const jest = 'node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js';
    run(`PATH=$PWD/node_modules/node/bin:$PATH ${jest} --maxWorkers=1 ${SEE_EVERY_SOURCE.join(' ')} 2>&1`, 300);
  }, 320_000);

  it('leave generated files as the repository wants them', () => {
    expect(
      run('node_modules/.bin/biome ci --colors=off services/api/src/endpoints/catalog/get-licence.ts'),
    ).toBeDefined();
    expect(run('PATH=$PWD/node_modules/node/bin:$PATH node scripts/gen-functions.ts --check', 300)).toContain(
      'up to date',
    );
    expect(readFileSync(join(copy, 'services/api/openapi.json'), 'utf8')).toContain('/v1/datasets/{id}/licence');
  });
});
