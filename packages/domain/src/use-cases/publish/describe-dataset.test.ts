import { describe, expect, it } from '@jest/globals';
import { InvalidRequest } from '../../errors.ts';
import type { DatasetDefinition } from '../../source.ts';
import { figures } from '../testing/figures-source.ts';
import { describe as describeDataset } from './describe-dataset.ts';

describe('A dataset', () => {
  it.each([
    ['http://figures.test/Wine.CSV?v=2', 'csv'],
    ['http://figures.test/wine.csv.gz', 'csv'],
    ['http://figures.test/wine', null],
    ['http://figures.test/wine.php', null],
  ])('has, from %s, the format %s', (url, format) => {
    const { id } = figures.datasets[0]!;
    expect(describeDataset(figures, { dataset: id, url, hints: {} }).format).toBe(format);
    // What its portal says of it counts first.
    expect(describeDataset(figures, { dataset: id, url, hints: {}, format: 'xls' }).format).toBe('xls');
  });

  it('may not have the name of a history', () => {
    const dataset: DatasetDefinition = { ...figures.datasets[0]!, id: 'test_wine_versions' };
    const source = { ...figures, datasets: [...figures.datasets, dataset] };
    const described = () => describeDataset(source, { dataset: dataset.id, url: 'http://figures.test/', hints: {} });
    expect(described).toThrow(InvalidRequest);
    expect(described).toThrow("'test_wine_versions'");
  });
});
