import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogOf } from '@granary/replica/portal/portal-catalog';
import { changedPortal } from '@granary/replica/portal/portal-state';
import { afterAll, describe, expect, it } from '@jest/globals';
import { inspectFile } from './inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'granary-portal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const catalog = catalogOf(changedPortal(undefined));
const all = [...catalog.numbers()].flatMap((number) => {
  const { spec, resources } = catalog.dataset(number);
  return resources.map((resource) => ({ ...resource, dataset: spec.name }));
});
/** The first of each format, as it is written. */
const resources = [...new Map(all.toReversed().map((resource) => [resource.spec.format, resource])).values()];

describe("A file of the replica's portal", () => {
  it('is read as the portal says, one of each format', async () => {
    const read: object[] = [];
    const said: object[] = [];
    for (const { spec, revision, id, dataset } of resources) {
      if ('refused' in spec.holds) continue;
      const path = join(folder, id);
      writeFileSync(path, spec.answer!(revision).body);
      const { tables, refused } = await inspectFile(path, spec.file);
      const about = { dataset, file: spec.file };
      read.push({ ...about, refused, rows: tables.map((table) => table.rows) });
      said.push({ ...about, refused: [], rows: spec.holds.rows });
    }
    expect(read).toEqual(said);
    expect(read).toHaveLength(18);
  });

  it('is the same each time', () => {
    for (const { spec } of resources) {
      const body = () => spec.answer?.(2).body ?? Buffer.alloc(0);
      expect(body().equals(body())).toBe(true);
    }
  });
});
