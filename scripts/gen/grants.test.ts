import { expect, it } from '@jest/globals';
import { GRANTS } from '../../config/grants.ts';

it('Who writes data deletes nothing but below versions/: raw bytes and copies stay', () => {
  const deleting = GRANTS['data:write']!.filter(({ Action }) => Action.includes('s3:DeleteObject'));
  expect(deleting.map(({ Resource }) => JSON.stringify(Resource))).toEqual([
    expect.stringMatching(/-data\/versions\/\*"\}\]$/),
  ]);
});

it('Who takes a slot of the host budget only reads and updates', () => {
  expect(GRANTS['budget:write']!.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', 'dynamodb:UpdateItem']);
});

it('A query reads the tables, the Parquet of versions and its results; it writes results, and the database that Athena insists on', () => {
  const place = (resource: object | '*') =>
    JSON.stringify(resource).replace(
      /^.*(?:AccountId\}:|:granary-\$\{AWS::AccountId\}-\$\{AWS::Region\}-\$\{sls:stage\}-data)(.*)"\}$/,
      '$1',
    );
  const may = GRANTS['sql:query']!.flatMap(({ Action, Resource }) =>
    Action.map((action) => [action, ...Resource.map(place)].join(' ').trim()),
  );
  const of = (service: string) => may.filter((line) => line.startsWith(`${service}:`)).sort();
  expect(of('s3')).toEqual([
    's3:AbortMultipartUpload /exports/queries/*',
    's3:GetBucketLocation',
    's3:GetObject /exports/queries/*',
    's3:GetObject /tables/* /versions/*/data.parquet',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:ListMultipartUploadParts /exports/queries/*',
    's3:PutObject /exports/queries/*',
  ]);
  const tables = 'catalog database/granary_${sls:stage} table/granary_${sls:stage}/*';
  expect(of('glue')).toEqual([
    'glue:CreateDatabase catalog database/default',
    'glue:GetDatabase catalog database/default',
    `glue:GetDatabase ${tables}`,
    `glue:GetPartitions ${tables}`,
    `glue:GetTable ${tables}`,
  ]);
});

it('Who writes objects that may be larger than a part gives up their uploads too', () => {
  const about = (action: string) =>
    Object.entries(GRANTS).flatMap(([grant, statements]) =>
      statements
        .filter(({ Effect, Action }) => Effect === 'Allow' && Action.includes(action))
        .map(({ Resource }) => `${grant} ${JSON.stringify(Resource)}`),
    );
  // What is restored is copied inside S3, by one call each.
  const small = /^(run-log:write|user-pages:write|sql-tables:write|versions:restore) |\/tables\/\*/;
  expect(about('s3:AbortMultipartUpload').sort()).toEqual(
    about('s3:PutObject')
      .filter((one) => !small.test(one))
      .sort(),
  );
});
