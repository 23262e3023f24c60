import { describe, expect, it } from '@jest/globals';
import { findForbiddenInBundles } from './bundles.ts';

const bundle = (name: string, ...packages: string[]) => ({ name, code: '', bytes: 0, packages: new Set(packages) });

describe('the check of bundles', () => {
  it('names the function and the heavy package that it does not need', () => {
    expect(findForbiddenInBundles([bundle('api/catalog', 'vega', 'zod'), bundle('api/data', 'hyparquet')])).toEqual([
      'The function api/catalog bundles vega, which it is not known to need (scripts/bundles.ts).',
    ]);
  });

  it('names a client of AWS in a function that has no business with it', () => {
    const clients = ['@aws-sdk/client-s3', '@aws-sdk/client-kms'];
    expect(
      findForbiddenInBundles([bundle('api/users', ...clients), bundle('ingestion/fetch-users', ...clients)]),
    ).toEqual([
      'The function api/users bundles @aws-sdk/client-s3, which it is not known to need (scripts/bundles.ts).',
    ]);
  });
});
