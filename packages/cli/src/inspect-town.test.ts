import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOWN_FILES } from '@granary/replica/town/town-site';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
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

  it('is the same each time, whatever the day', () => {
    const on = (day: string): string[] => {
      jest.useFakeTimers({ now: Date.parse(day), doNotFake: ['nextTick', 'setImmediate'] });
      return TOWN_FILES.map(({ name, body }) => `${name} ${createHash('sha256').update(body()).digest('hex')}`);
    };
    try {
      expect(on('2031-05-06T07:08:09Z')).toEqual(on('2026-12-01T00:00:00Z'));
    } finally {
      jest.useRealTimers();
    }
  });
});
