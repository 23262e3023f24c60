import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { RefusedContent, SourceRefused } from '../../errors.ts';
import { figures, message } from '../testing/figures-source.ts';
import { expectSound } from '../testing/invariants.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { collectResource } from './collect-resource.ts';

const ID = 'test_wine';
const text = async (world: World, key: string): Promise<string> =>
  gunzipSync((await world.objects.get(key))!).toString();

/** Runs of the same source, one after the other. */
const collect = async (world: World, run: string) => {
  await world.startRun(run);
  return collectResource(world)(message(run));
};

describe('Collecting a resource', () => {
  it('keeps the bytes, publishes the tables and ends its part', async () => {
    const world = makeWorld();
    world.source.bytes = '1970;10\n1971;nd\n1972;3.5\n';
    const collected = await collect(world, 'run-1');
    expect(collected).toMatchObject({
      outcome: 'published',
      counts: { requests: 1, rows_read: 3, rows_quarantined: 1 },
    });
    await expectSound(world, ID, 1);
    const version = collected.versions[0]!;
    expect(await text(world, version.raw.key)).toBe(world.source.bytes);
    expect(await text(world, `${version.prefix}data.csv.gz`)).toBe(
      'year,quantity,line,processing_date\r\n1970,10,1,2026-11-20\r\n1972,3.5,3,2026-11-20\r\n',
    );
    const entry = { line: 2, column: null, positions: [], raw: '1971;nd', reason: 'No figure', rows: 1 };
    expect(await text(world, `${version.prefix}quarantine.ndjson.gz`)).toBe(`${JSON.stringify(entry)}\n`);
    expect(await world.runs.getRun('run-1')).toMatchObject({ state: 'succeeded', versions: [`${ID}@1`] });
    expect(await world.catalog.getDataset(ID)).toMatchObject({ latest: 1, rows: 2, rows_quarantined: 1 });
  });

  it('makes no version of bytes that have not changed, asked for or not sent again', async () => {
    const world = makeWorld();
    await collect(world, 'run-1');
    expect(await collect(world, 'run-2')).toMatchObject({
      outcome: 'unchanged',
      counts: { unchanged: 1, rows_read: 0 },
    });
    world.source.bytes = '1970;11\n';
    world.source.etag = '"two"';
    expect(await collect(world, 'run-3')).toMatchObject({ outcome: 'published' });
    world.source.bytes = 'never sent';
    expect(await collect(world, 'run-4')).toMatchObject({
      outcome: 'unchanged',
      counts: { requests: 1, unchanged: 1 },
    });
    await expectSound(world, ID, 2);
    expect(await world.runs.getRun('run-4')).toMatchObject({ state: 'succeeded', versions: [] });
  });

  it('reads the same bytes again when its parser has changed', async () => {
    const world = makeWorld();
    world.source.etag = '"one"';
    await collect(world, 'run-1');
    world.findSource = () => ({ ...figures, parser_version: 2 });
    expect(await collect(world, 'run-2')).toMatchObject({ outcome: 'published', versions: [{ parser_version: 2 }] });
    await expectSound(world, ID, 2);
    expect(await world.objects.list('raw/')).toHaveLength(1);
  });

  it('repairs a copy that lags, also when nothing has changed', async () => {
    const world = makeWorld();
    await collect(world, 'run-1');
    await world.objects.delete([`csv_data/agriculture/${ID}.csv.gz`]);
    await collect(world, 'run-2');
    await expectSound(world, ID, 1);
    await world.objects.put(`csv_data/agriculture/${ID}.csv.gz`, new Uint8Array(3), { metadata: { version: '0' } });
    world.source.etag = '"one"';
    world.source.bytes = '1970;12\n';
    await collect(world, 'run-3');
    await expectSound(world, ID, 2);
  });

  it('leaves a part alone that has ended', async () => {
    const world = makeWorld();
    await collect(world, 'run-1');
    expect(await collectResource(world)(message('run-1'))).toMatchObject({ outcome: 'ended-before' });
    expect(world.asked).toHaveLength(1);
  });

  it('keeps the bytes of a file that it refuses, and the version before', async () => {
    const world = makeWorld();
    await collect(world, 'run-1');
    for (const bytes of ['<html>Not today</html>', 'a\nb\n', '']) {
      world.source.bytes = bytes;
      await world.startRun(`run-${bytes.length}`, { source: `s${bytes.length}` });
      await expect(
        collectResource(world)({ ...message(`run-${bytes.length}`), source: `s${bytes.length}` }),
      ).rejects.toThrow(RefusedContent);
    }
    await expectSound(world, ID, 1);
    expect(await world.objects.list('raw/')).toHaveLength(4);
  });

  it('says with the dataset why its file was refused, until it can be read again', async () => {
    const world = makeWorld();
    await collect(world, 'run-1');
    const { bytes } = world.source;
    world.source.bytes = '<html>Not today</html>';
    await world.startRun('run-2', { source: 'again' });
    await expect(collectResource(world)({ ...message('run-2'), source: 'again' })).rejects.toThrow(RefusedContent);
    expect(await world.catalog.getDataset(ID)).toMatchObject({ latest: 1, refused: { reason: expect.any(String) } });
    world.source.bytes = bytes;
    world.pass(1000);
    await collect(world, 'run-3');
    expect(await world.catalog.getDataset(ID)).toMatchObject({ latest: 1, refused: null });
  });

  it('leaves no file behind', async () => {
    const world = makeWorld();
    // A folder of its own: other tests collect at the same time.
    world.tmpdir = await mkdtemp(join(world.tmpdir, 'granary-test-'));
    await collect(world, 'run-1');
    world.source.bytes = '<';
    await world.startRun('run-2');
    await collectResource(world)(message('run-2')).catch(() => {});
    expect(await readdir(world.tmpdir)).toEqual([]);
    await rm(world.tmpdir, { recursive: true });
  });

  it('leaves no file behind when the disk takes no folder', async () => {
    const world = makeWorld();
    const fetched: string[] = [];
    const { fetch } = world;
    world.fetch = async (request) => {
      const file = await fetch(request);
      if (file.status === 'fetched') fetched.push(file.path);
      return file;
    };
    world.tmpdir = join(world.tmpdir, 'granary-test-nowhere');
    await expect(collect(world, 'run-1')).rejects.toThrow('ENOENT');
    expect(fetched.map((path) => existsSync(path))).toEqual([false]);
  });

  it('counts what an earlier delivery published, whatever its source says by now', async () => {
    const world = makeWorld();
    await world.startRun('run-1');
    const mortal = { ...world, runs: { ...world.runs, endPart: () => Promise.reject(new Error('died')) } };
    await expect(collectResource(mortal)(message('run-1'))).rejects.toThrow('died');
    world.source.bytes = '1970;11\n';
    world.source.failures.push(new SourceRefused('It answered 404'));
    expect(await collectResource(world)(message('run-1'))).toMatchObject({
      outcome: 'published',
      versions: [{ version: 1 }],
    });
    expect(await world.runs.getRun('run-1')).toMatchObject({
      state: 'succeeded',
      versions: [`${ID}@1`],
      counts: { rows_published: 2 },
    });
    await expectSound(world, ID, 1);
  });
});
