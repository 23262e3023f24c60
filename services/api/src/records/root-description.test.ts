import type { Dataset } from '@granary/domain/dataset';
import { describe, expect, it } from '@jest/globals';
import { rootDescription } from './root-description.ts';

const dataset = (id: string, latest: number | null, columns = 2): Dataset =>
  ({
    ...{ id, title: `Title of ${id}`, description: 'About it.', latest },
    fields: [
      { name: 'year', type: 'int32', nullable: false },
      { name: 'litres', type: 'int64', nullable: true, unit: 'L', title: 'Litres' },
      ...Array.from({ length: columns - 2 }, (_, index) => ({ name: `c${index}`, type: 'string', nullable: true })),
    ],
  }) as unknown as Dataset;

type Description = {
  swagger: string;
  info: { description: string };
  paths: Record<string, { get: { parameters: { $ref: string }[] } }>;
  definitions: Record<string, { required: string[]; properties: Record<string, object> }>;
  parameters: Record<string, object>;
};
const describe_ = (datasets: readonly Dataset[]) => rootDescription(datasets) as Description;

describe('the root of the records', () => {
  it('describes what is published as PostgREST describes tables, with columns, types and filters', () => {
    const found = describe_([dataset('wine', 3), dataset('beer', null)]);
    expect(found.swagger).toBe('2.0');
    expect(Object.keys(found.paths)).toEqual(['/wine']);
    expect(found.definitions.wine).toMatchObject({
      required: ['year'],
      properties: {
        year: { type: 'integer', format: 'integer' },
        litres: { type: 'integer', format: 'bigint', description: 'Litres. Unit: L' },
      },
    });
    for (const { $ref } of found.paths['/wine']!.get.parameters)
      expect(found.parameters).toHaveProperty([$ref.replace('#/parameters/', '')]);
    expect(found.parameters['rowFilter.wine.year']).toMatchObject({ name: 'year', in: 'query', format: 'integer' });
  });

  it('stays within bounds, and says what it leaves out', () => {
    const many = Array.from({ length: 30 }, (_, index) => dataset(`d${index}`, 1, 500));
    const found = describe_(many);
    expect(Object.keys(found.paths)).toHaveLength(20);
    expect(found.info.description).toContain('10 more datasets are listed at /v1/datasets');
  });
});
