import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NotReadBack } from '../../errors.ts';
import { onlyTable } from '../../reading.ts';
import type { SourceDefinition } from '../../source.ts';
import { convertOnly } from '../testing/convert-only.ts';
import { figures, message } from '../testing/figures-source.ts';
import { expectSound } from '../testing/invariants.ts';
import { makeWorld } from '../testing/world.ts';
import { workOnPart } from './work-on-part.ts';

const ID = 'test_wine';

describe('Tables that do not read back as they were written', () => {
  /** A figure that is none is in the rows: the CSV cannot hold what was given to its writer. */
  const litres = { name: 'litres', type: 'double' as const, nullable: false };
  const unfit: SourceDefinition = {
    ...figures,
    datasets: figures.datasets.map((dataset) => ({ ...dataset, fields: [litres], key: [] })),
    tables: async () =>
      onlyTable(async (_options, out) => {
        out.begin([litres]);
        out.rows({ rows: 1, columns: [{ type: 'double', values: Float64Array.of(Number.NaN) }] });
        return { dialect: {} as never, header: [], notes: [] };
      }),
  };

  it('fail the part with a sentence, once, and leave the version before them in place', async () => {
    const world = makeWorld();
    await world.startRun('run-1');
    const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
    expect(await workOnPart(world)(message('run-1'), delivery)).toMatchObject({ outcome: 'published' });
    world.source.bytes = '1970;11\n';
    await world.startRun('run-2');
    const worked = await workOnPart({ ...world, findSource: () => unfit })(message('run-2'), delivery);
    expect(worked).toMatchObject({ decision: 'stop', error: expect.any(NotReadBack) });
    expect(await world.runs.getRun('run-2')).toMatchObject({
      state: 'failed',
      counts: { errors: 1, rows_published: 0 },
      errors: [
        {
          message: `'${ID}' does not read back as it was written: record 1 of the CSV file has no double in litres`,
        },
      ],
    });
    await expectSound(world, ID, 1);
  });

  it('are found whatever befell the file after it was written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
    try {
      const [resource] = figures.discover({ base_url: figures.base_url });
      const path = join(folder, 'wine.csv');
      writeFileSync(path, '1970;10\n1971;20\n');
      // Both tables are written to one file, over each other.
      symlinkSync(join(folder, 'data.parquet'), join(folder, 'data.csv.gz'));
      const conversion = { source: figures, definition: figures.datasets[0]!, resource: resource!, path, folder };
      await expect(convertOnly({ ...conversion, processing_date: '2026-11-20' })).rejects.toThrow(NotReadBack);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
