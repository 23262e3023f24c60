import { describe, expect, it } from '@jest/globals';
import { isSomebodys } from './empty-stage.ts';
import { readTarget } from './target.ts';

describe('GRANARY_TARGET', () => {
  it('is this machine unless a stage is named, in the region that npm run deploy would take', () => {
    expect(readTarget({})).toBeUndefined();
    expect(readTarget({ GRANARY_TARGET: 'local' })).toBeUndefined();
    expect(readTarget({ GRANARY_TARGET: 'dev' })).toEqual({ stage: 'dev', region: 'us-east-1' });
    expect(readTarget({ GRANARY_TARGET: 'dev', AWS_REGION: 'sa-east-1' })).toEqual({
      stage: 'dev',
      region: 'sa-east-1',
    });
    expect(readTarget({ GRANARY_TARGET: 'dev@eu-west-1', AWS_REGION: 'sa-east-1' })).toEqual({
      stage: 'dev',
      region: 'eu-west-1',
    });
  });

  it('is refused in words when it is neither', () => {
    expect(() => readTarget({ GRANARY_TARGET: 'Dev' })).toThrow("not 'Dev'");
    expect(() => readTarget({ GRANARY_TARGET: 'dev@' })).toThrow(
      "GRANARY_TARGET is local, a stage or <stage>@<region>, not 'dev@'.",
    );
    expect(() => readTarget({ GRANARY_TARGET: 'dev@mars' })).toThrow("not 'mars'");
  });
});

it('A deployed stage is emptied when it is empty or what it holds was made by tests', () => {
  expect(isSomebodys([])).toBe(false);
  expect(isSomebodys(['logs/runs/1'])).toBe(false);
  expect(isSomebodys(['raw/1', 'e2e/made-by-tests'])).toBe(false);
  expect(isSomebodys(['raw/1'])).toBe(true);
});
