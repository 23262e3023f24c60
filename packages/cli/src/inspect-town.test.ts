import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOWN_FILES } from '@granary/replica/town/town-site';
import { afterAll, describe, expect, it } from '@jest/globals';
import { inspectFile } from './inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'granary-town-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("A file of the replica's town", () => {
  it.each(TOWN_FILES.map((file) => [file.quirk, file] as const))(
    'with %s is read right, or refused',
    async (_, file) => {
      const path = join(folder, file.name);
      writeFileSync(path, file.body());
      const { tables, refused } = await inspectFile(path, file.name);
      if ('refused' in file.holds) {
        expect({ tables, refused }).toEqual({ tables: [], refused: [expect.stringMatching(file.holds.refused)] });
        return;
      }
      const { rows, quarantined = 0 } = file.holds;
      expect({ refused, rows: tables.map((table) => table.rows) }).toEqual({ refused: [], rows });
      expect(tables.reduce((sum, { rows_quarantined }) => sum + rows_quarantined, 0)).toBe(quarantined);
    },
  );

  it('is the same each time', () => {
    for (const { body } of TOWN_FILES) expect(body().equals(body())).toBe(true);
  });
});
