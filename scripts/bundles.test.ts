import { describe, expect, it } from '@jest/globals';
import { findForbiddenInBundles, findSourcesUnknown } from './bundles.ts';

const bundle = (name: string, ...packages: string[]) => ({
  name,
  code: '',
  bytes: 0,
  packages: new Set(packages),
  sources: ['services/api/src/a.ts'],
});

describe('the check of bundles', () => {
  it('names a source whose change a kept bundle would not follow', () => {
    const known = new Set(['services/api/src/a.ts']);
    expect(findSourcesUnknown([bundle('api/data')], known)).toEqual([]);
    expect(findSourcesUnknown([{ ...bundle('api/data'), sources: ['docs/x.html'] }], known)).toEqual([
      'The function api/data is made of docs/x.html too: name it in packages/local/src/plugin/kept-bundles.ts.',
    ]);
  });

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
