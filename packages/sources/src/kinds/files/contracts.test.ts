import { VersionHeld } from '@granary/domain/errors';
import { withKind } from '@granary/domain/kind';
import type { CollectMessage } from '@granary/domain/messages/collect';
import type { TableContract } from '@granary/domain/rules/contract';
import { collectResource } from '@granary/domain/use-cases/collect/collect-resource';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { makeWorld } from '@granary/domain/use-cases/testing/world';
import { byteSource, readTable } from '@granary/tabular/read-table';
import { describe, expect, it } from '@jest/globals';
import { checkSource } from '../../check-source.ts';
import { kind } from './kind.ts';

const ID = 'sea_levels';
const sourceOf = ({ of = {}, dataset = {} }: { of?: object; dataset?: object }) =>
  withKind(
    kind,
    checkSource(
      {
        ...{ id: 'sea', kind: 'files', title: 'Sea', publisher: 'An office', theme: 'environment', tags: [] },
        licence: { name: 'CC0-1.0', title: 'Public domain' },
        ...{ schedule: 'rate(1 day)', base_url: 'http://sea.test/', requests_per_minute: 600, max_bytes: 1_000_000 },
        config: { files: [{ dataset: ID, url: 'levels.csv' }] },
        datasets: [{ id: ID, title: 'Levels', description: 'Levels by station.', ...dataset }],
        ...of,
      },
      [kind],
    ) as never,
  );

/** Collects one vintage after the other; gives the world, and what the last one came to. */
const vintages = async (source: ReturnType<typeof sourceOf>, ...files: readonly string[]) => {
  const world = makeWorld();
  const deps = { ...world, sources: fixedSources(source), findSource: () => source, baseUrl: () => source.base_url };
  let failure: unknown;
  for (const bytes of files) {
    world.source.bytes = bytes;
    world.pass(3_600_000);
    await planCollection(deps)({ force: true });
    const message = world.queue.sent.at(-1)!.message as CollectMessage;
    failure = await collectResource(deps)(message).then(
      () => undefined,
      (error) => error,
    );
  }
  const dataset = (await world.catalog.getDataset(ID))!;
  const version = (await world.catalog.getVersion(ID, files.length))!;
  return { world, failure, dataset, version };
};
const NARROW = 'station,level\nFaro,1\nLagos,2\nSines,3\n';
const WIDE = 'station,level,note\nFaro,1,a\nLagos,2,b\nSines,3,c\n';
const contract = (of: TableContract) => sourceOf({ dataset: { contract: of } });

describe('A contract over two vintages of a file', () => {
  it('publishes a new column where it may evolve, as a minor version', async () => {
    const { dataset, version } = await vintages(sourceOf({}), NARROW, WIDE);
    expect(dataset.latest).toBe(2);
    expect(version).toMatchObject({ state: 'published', semver: '1.1.0' });
  });

  it('holds it where columns are frozen: readers keep the version before, and the error says why', async () => {
    const { dataset, version, failure } = await vintages(contract({ new_columns: 'freeze' }), NARROW, WIDE);
    expect(failure).toBeInstanceOf(VersionHeld);
    expect(String(failure)).toContain('It has a column note, which version 1 does not have.');
    expect(dataset.latest).toBe(1);
    expect(version).toMatchObject({ state: 'held', semver: '1.1.0', held: { compared_with: 1 } });
  });

  it('leaves it out where new columns are discarded, and says so', async () => {
    const { world, dataset, version } = await vintages(contract({ new_columns: 'discard' }), NARROW, WIDE);
    expect(dataset.latest).toBe(2);
    if (version.state !== 'published') throw new Error(version.state);
    expect(version.semver).toBe('1.0.1');
    expect(version.fields.map(({ name }) => name)).toEqual(['station', 'level', 'line', 'processing_date']);
    expect(version.notes).toContain('The column note is new and was discarded, as the contract says.');
    const parquet = (await world.objects.get(`${version.prefix}data.parquet`))!;
    expect((await readTable(byteSource(parquet))).columns[1]).toEqual([1, 2, 3]);
  });

  it('is that of the source where the dataset has none, of the dataset where both have one', async () => {
    const frozen = { contract: { new_columns: 'freeze' } };
    expect((await vintages(sourceOf({ of: frozen }), NARROW, WIDE)).dataset.latest).toBe(1);
    const both = sourceOf({ of: frozen, dataset: { contract: { new_columns: 'evolve' } } });
    expect((await vintages(both, NARROW, WIDE)).dataset.latest).toBe(2);
  });

  it('holds a lost column and a changed type unless they may evolve, which is a major version', async () => {
    for (const file of [NARROW, WIDE.replace('Faro,1,', 'Faro,high,')]) {
      const { failure, version } = await vintages(sourceOf({}), WIDE, file);
      expect(failure).toBeInstanceOf(VersionHeld);
      expect(version).toMatchObject({ state: 'held', semver: '2.0.0' });
      const evolving = contract({ lost_columns: 'evolve', changed_types: 'evolve' });
      expect((await vintages(evolving, WIDE, file)).version).toMatchObject({ state: 'published', semver: '2.0.0' });
    }
  });

  it('of a version with other rows only is a patch', async () => {
    expect((await vintages(sourceOf({}), NARROW, `${NARROW}Aveiro,4\n`)).version).toMatchObject({ semver: '1.0.1' });
  });

  it('is checked: a policy that there is not is named with its path', () => {
    expect(() => sourceOf({ dataset: { contract: { lost_columns: 'discard' } } })).toThrow(
      /datasets\.0\.contract\.lost_columns: Invalid option: expected one of "evolve"\|"freeze"/,
    );
  });
});
