import { describe, expect, it } from '@jest/globals';
import { engineSentence } from './engine-sentence.ts';

describe('what the engine says', () => {
  it.each([
    [
      "COLUMN_NOT_FOUND: line 1:8: Column 'a/b' cannot be resolved",
      "COLUMN_NOT_FOUND: line 1:8: Column 'a/b' cannot be resolved",
    ],
    [
      "COLUMN_NOT_FOUND: line 1:8: Column 'a' cannot be resolved or requester is not authorized to access requested resources",
      "COLUMN_NOT_FOUND: line 1:8: Column 'a' cannot be resolved",
    ],
    ['DIVISION_BY_ZERO: / by zero', 'DIVISION_BY_ZERO: / by zero'],
    [
      'HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://granary-000000000000-us-east-1-dev-data/versions/a/data.parquet (offset=0, length=10): The object is gone (Service: S3, Status Code: 404, Request ID: 4MYR4, Extended Request ID: Q=) (SDK Attempt Count: 1)',
      'HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split … (offset=0, length=10): The object is gone) (SDK Attempt Count: 1)',
    ],
    ['IO Error: cannot read "/tmp/granary/objects/versions/a/data.parquet"', 'IO Error: cannot read "…"'],
    ['User arn:aws:sts::000000000000:assumed-role/x may not', 'User … may not'],
    ['Failed. RequestId: 0b8f6a52-1111', 'Failed.'],
    ['', 'The query cannot be answered.'],
  ])('is told without addresses, paths and ids: %s', (said, told) => {
    expect(engineSentence(said)).toBe(told);
  });

  it('is bounded, in time too', () => {
    expect(engineSentence('x'.repeat(100_000)).length).toBeLessThanOrEqual(1001);
    expect(engineSentence('(Service: '.repeat(10_000)).length).toBeLessThanOrEqual(1001);
    expect(engineSentence('/a'.repeat(50_000)).length).toBeLessThanOrEqual(1001);
  });
});
