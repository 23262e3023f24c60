import type { Dataset } from '@granary/domain/dataset';
import { describe, expect, it } from '@jest/globals';
import { relationsOf } from './relations-of.ts';

const dataset = (...names: string[]) =>
  ({ id: 'schools', fields: names.map((name) => ({ name, type: 'string', nullable: true })) }) as unknown as Dataset;

describe('the columns that an analysis knows', () => {
  it('are all that there are of a table, and not of a history', () => {
    const found = relationsOf(['schools', 'schools_versions', 'others'], [dataset('Name', 'município')]);
    const columns = ['name', 'município'].map((name) => expect.objectContaining({ name }));
    expect([...found]).toEqual([
      ['schools', { columns, open: false }],
      ['schools_versions', { columns, open: true }],
    ]);
  });

  it('are not all where the engine may fold a name in another way: no query is refused for it', () => {
    expect(relationsOf(['schools'], [dataset('name', 'MUNICÍPIO')]).get('schools')?.open).toBe(true);
  });
});
