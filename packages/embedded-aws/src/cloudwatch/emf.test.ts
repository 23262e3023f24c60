import { describe, expect, it } from '@jest/globals';
import { metricsOfLine } from './emf.ts';

const AT = 1_796_000_000_000;
const line = (directive: object, members: object, aws: object = { Timestamp: AT }) =>
  JSON.stringify({ _aws: { ...aws, CloudWatchMetrics: [directive] }, ...members });
const N = { Namespace: 'Test', Dimensions: [['stage']], Metrics: [{ Name: 'N', Unit: 'Count' }] };

describe('A log line in the Embedded Metric Format', () => {
  it('is one datum for each metric, with the values of its dimensions', () => {
    const directive = {
      Namespace: 'Test',
      Dimensions: [['service', 'stage', 'function']],
      Metrics: [
        { Name: 'RowsRead', Unit: 'Count' },
        { Name: 'Messages', Unit: 'Count' },
      ],
    };
    const of = { service: 'ingestion', stage: 'local', function: 'collect' };
    const about = { namespace: 'Test', dimensions: of, at: AT, unit: 'Count' };
    expect(metricsOfLine(line(directive, { ...of, RowsRead: 12, Messages: 1 }))).toEqual([
      { ...about, name: 'RowsRead', values: [[12, 1]] },
      { ...about, name: 'Messages', values: [[1, 1]] },
    ]);
  });

  it('is one for each set of dimensions, and may have several values', () => {
    const directive = { ...N, Dimensions: [['stage'], []] };
    const found = metricsOfLine(line(directive, { stage: 'local', N: [1, 2] }));
    expect(found.map(({ dimensions, values }) => ({ dimensions, values }))).toEqual([
      {
        dimensions: { stage: 'local' },
        values: [
          [1, 1],
          [2, 1],
        ],
      },
      {
        dimensions: {},
        values: [
          [1, 1],
          [2, 1],
        ],
      },
    ]);
  });

  it.each([
    ['is no JSON', '{"CloudWatchMetrics": '],
    ['has no time', line(N, { stage: 'x', N: 1 }, {})],
    ['lacks a value of a dimension', line(N, { N: 1 })],
    ['lacks the value', line(N, { stage: 'x' })],
    ['has a value that is no figure', line(N, { stage: 'x', N: 'many' })],
    ['has no metrics', line({ Namespace: 'Test', Dimensions: [[]] }, {})],
    ['is of something else', '{"level":"INFO","message":"part"}'],
  ])('that %s is just a line', (_, text) => {
    expect(metricsOfLine(text)).toEqual([]);
  });
});
