/**
 * What the names in an endpoint's, worker's or job's `grants` stand for: the least that does the work, on exact ARNs.
 * Names of tables, buckets and queues are deterministic (docs/contracts), so no service needs another's outputs to say
 * them.
 */
export type Statement = {
  Effect: 'Allow' | 'Deny';
  Action: readonly string[];
  Resource: readonly (object | '*')[];
  Condition?: Readonly<Record<string, object>>;
};

const sub = (text: string) => ({ 'Fn::Sub': text });
const table = (suffix = '') =>
  sub(
    `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/granary-\${sls:stage}-catalog${suffix}`,
  );
const bucket = (suffix = '') =>
  sub(`arn:\${AWS::Partition}:s3:::granary-\${AWS::AccountId}-\${AWS::Region}-\${sls:stage}-data${suffix}`);
const queue = (name: string) =>
  sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:granary-\${sls:stage}-${name}`);

/** Made with a name of its own by AWS, so its ARN is imported. */
const usersKey = { 'Fn::ImportValue': 'granary-${sls:stage}-users-key-arn' };
const users = (suffix = '') =>
  sub(`arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/granary-\${sls:stage}-users${suffix}`);
const usersLog = (stream: string) =>
  sub(
    `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/granary/\${sls:stage}/users:log-stream:${stream}`,
  );

const workGroup = sub(
  `arn:\${AWS::Partition}:athena:\${AWS::Region}:\${AWS::AccountId}:workgroup/granary-\${sls:stage}`,
);
const ofGlue = (...names: string[]) =>
  names.map((name) => sub(`arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:${name}`));
/** Glue asks for the rights to a table, to its database and to the catalog. */
const glue = ofGlue('catalog', 'database/granary_${sls:stage}', 'table/granary_${sls:stage}/*');
const defaultDatabase = ofGlue('catalog', 'database/default');

const allow = (Action: readonly string[], ...Resource: object[]): Statement => ({ Effect: 'Allow', Action, Resource });

/**
 * Of the catalog table, items whose partition key is like one of these (IAM's dynamodb:LeadingKeys). Where a call says
 * no key, the first condition would hold of nothing.
 */
const partitions = (...patterns: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
const items = (actions: readonly string[], ...patterns: readonly string[]): Statement => ({
  ...allow(actions, table()),
  Condition: partitions(...patterns),
});
/** The same of the index: its own partition key counts. */
const listed = (...patterns: readonly string[]): Statement => ({
  ...allow(['dynamodb:Query'], table('/index/GSI1')),
  Condition: partitions(...patterns),
});

/**
 * Objects whose keys are like one of these, and to list them: without s3:ListBucket a read of what is not there is a
 * 403 instead of a 404, and S3 takes the key that was asked for as the prefix then.
 */
const objects = (actions: readonly string[], ...keys: readonly string[]): Statement[] => [
  allow(actions, ...keys.map((key) => bucket(`/${key}`))),
  listing(...keys),
];
const listing = (...keys: readonly string[]): Statement => ({
  ...allow(['s3:ListBucket'], bucket()),
  Condition: { StringLike: { 's3:prefix': keys } },
});

/** They lie under raw/ like any bytes that were fetched, and are for the worker that fetches them alone. */
const NOT_PAGES_OF_USERS: Statement = {
  Effect: 'Deny',
  Action: ['s3:GetObject', 's3:PutObject'],
  Resource: [bucket('/raw/users/*')],
};

export const GRANTS: Readonly<Record<string, readonly Statement[]>> = {
  // A dataset or a version by its name; the versions of one; all datasets.
  'catalog:read': [items(['dynamodb:GetItem'], 'DATASET#*')],
  'catalog:versions': [items(['dynamodb:Query'], 'DATASET#*')],
  'catalog:list': [listed('DATASETS')],
  // A page of them, by their names.
  'catalog:page': [items(['dynamodb:BatchGetItem'], 'DATASET#*')],
  'catalog:describe': [items(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'DATASET#*')],
  // What people say of a dataset; its copy as CSV then moves to another theme's folder.
  'catalog:edit': [items(['dynamodb:UpdateItem'], 'DATASET#*')],
  'copies:move': [
    allow(['s3:GetObject'], bucket('/versions/*/data.csv.gz')),
    ...objects(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'], 'csv_data/*'),
  ],
  'catalog:write': [items(['dynamodb:PutItem', 'dynamodb:UpdateItem'], 'DATASET#*')],
  // What is known of a source's resources.
  'resources:write': [items(['dynamodb:GetItem', 'dynamodb:PutItem'], 'RESOURCE#*')],
  'records:read': [items(['dynamodb:GetItem', 'dynamodb:Query'], 'RESOURCES#*')],
  'records:decide': [items(['dynamodb:UpdateItem'], 'RESOURCES#*')],
  // What became of them, and whose an address is.
  'records:write': [
    items(['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query'], 'RESOURCES#*'),
    items(['dynamodb:GetItem', 'dynamodb:PutItem'], 'ADDRESS#*'),
  ],
  'runs:read': [items(['dynamodb:GetItem'], 'RUN#*'), listed('RUNS#*')],
  'runs:list': [listed('RUNS#*')],
  // Decisions about versions: their items, and the pointer of their dataset.
  'versions:decide': [items(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], 'DATASET#*')],
  // What follows the pointer of a dataset: its copy as CSV, and its tables in SQL.
  'versions:follow': [
    allow(['s3:GetObject'], bucket('/versions/*/data.csv.gz')),
    ...objects(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], 'csv_data/*'),
    allow(['s3:PutObject'], bucket('/tables/*')),
    allow(['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'], ...glue),
  ],
  // Copies of an earlier version's tables (its CSV is read by `versions:follow` already) and a descriptor; besides,
  // what attempts wrote that nobody committed goes.
  'versions:restore': [
    allow(
      ['s3:GetObject'],
      bucket('/versions/*/data.parquet'),
      bucket('/versions/*/quarantine.ndjson.gz'),
      bucket('/versions/*/profile.json'),
    ),
    ...objects(['s3:PutObject', 's3:DeleteObject'], 'versions/*'),
  ],
  // Runs by their names only, and no new items.
  'runs:get': [items(['dynamodb:GetItem'], 'RUN#*')],
  'runs:update': [items(['dynamodb:UpdateItem'], 'RUN#*')],
  'runs:write': [items(['dynamodb:PutItem', 'dynamodb:UpdateItem'], 'RUN#*')],
  // Which run has a source: who starts one takes the source for it; who sweeps looks at all of them.
  'sources:take': [items(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'SOURCE#*')],
  'sources:list': [listed('SOURCES')],
  // Sources that are put at run time, and which are paused; all of them; the edits of one.
  'configurations:read': [items(['dynamodb:GetItem'], 'CONFIGURATION#*')],
  'configurations:list': [listed('CONFIGURATIONS')],
  'configurations:history': [items(['dynamodb:Query'], 'CONFIGURATION#*')],
  'configurations:write': [items(['dynamodb:PutItem'], 'CONFIGURATION#*')],
  'budget:write': [items(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'HOST#*')],
  'data:read': objects(['s3:GetObject'], 'versions/*/data.parquet'),
  'descriptions:read': objects(['s3:GetObject'], 'versions/*/datapackage.json'),
  // Read where its version says that it is there: whether one is missing need not be told.
  'profiles:read': [allow(['s3:GetObject'], bucket('/versions/*/profile.json'))],
  'quarantine:read': objects(['s3:GetObject'], 'versions/*/quarantine.ndjson.gz'),
  // The same for queries: every version has one, so that none need be told to be missing.
  'quarantine:query': [allow(['s3:GetObject'], bucket('/versions/*/quarantine.ndjson.gz'))],
  'raw:read': [allow(['s3:GetObject'], bucket('/raw/*')), NOT_PAGES_OF_USERS],
  // A presigned URL can do what its signer may do.
  'data:presign': [allow(['s3:GetObject'], bucket('/versions/*'), bucket('/raw/*')), NOT_PAGES_OF_USERS],
  // Answers too big to be sent, which expire; their presigned URLs can do what their signer may do: read no other
  // route's, and no results of SQL.
  'exports-of-records:write': objects(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], 'exports/records/*'),
  'exports-of-diffs:write': objects(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], 'exports/diffs/*'),
  'data:write': [
    ...objects(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], 'raw/*', 'versions/*', 'csv_data/*'),
    // Only what an attempt wrote that nobody committed; raw bytes stay, whatever goes wrong.
    allow(['s3:DeleteObject'], bucket('/versions/*')),
    NOT_PAGES_OF_USERS,
  ],
  // What collecting keeps of the tables in SQL: their description, and the file that names a version's Parquet.
  'sql-tables:write': [
    allow(['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'], ...glue),
    allow(['s3:PutObject'], bucket('/tables/*')),
  ],
  // Athena reads and writes with the rights of who asks: this is all that a query can reach, whatever its SQL says.
  'sql:query': [
    allow(
      ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StopQueryExecution'],
      workGroup,
    ),
    allow(['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartitions'], ...glue),
    allow(['s3:GetObject'], bucket('/tables/*'), bucket('/versions/*/data.parquet')),
    // Athena's guide has it as mandatory, whatever a query reads ("Fine-grained access to databases and tables"): it
    // looks for this database.
    allow(['glue:GetDatabase', 'glue:CreateDatabase'], ...defaultDatabase),
    // Results are written in parts.
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      bucket('/exports/queries/*'),
    ),
    allow(['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], bucket()),
    listing('tables/*', 'versions/*', 'exports/queries/*'),
  ],
  'sql:stop': [
    allow(['athena:ListQueryExecutions', 'athena:BatchGetQueryExecution', 'athena:StopQueryExecution'], workGroup),
  ],
  'collect:send': [allow(['sqs:SendMessage'], queue('collect'))],
  'users:write': [allow(['dynamodb:UpdateItem'], users())],
  // Never a Scan, and nothing but Query: what is not listed in order is not read.
  'users:read': [allow(['dynamodb:Query'], users(), users('/index/by_last_name'))],
  // Pages as they were fetched: sealed under the key of users before they are put.
  'user-pages:write': objects(['s3:GetObject', 's3:PutObject'], 'raw/users/*'),
  'users:seal': [allow(['kms:GenerateDataKey'], usersKey)],
  // By tag, not by the key of this stack: what was sealed before a removal names the key of then. `npm run deploy`
  // finds those keys by what they sealed and gives them the tag. A data key that was made for anything else is not
  // opened.
  'users:open': [
    {
      ...allow(['kms:Decrypt'], sub(`arn:\${AWS::Partition}:kms:\${AWS::Region}:\${AWS::AccountId}:key/*`)),
      Condition: {
        StringEquals: {
          'aws:ResourceTag/granary-users': '${sls:stage}',
          'kms:EncryptionContext:purpose': 'granary-users',
        },
      },
    },
  ],
  'users-log:write': [allow(['logs:PutLogEvents'], usersLog('Info'), usersLog('Error'), usersLog('Status'))],
  // Before personal data is shown unmasked it is counted and noted who reads it; no more than that of either.
  'unmasked-reads:note': [items(['dynamodb:UpdateItem'], 'READER#*'), allow(['logs:PutLogEvents'], usersLog('Audit'))],
  'run-log:write': [allow(['s3:PutObject'], bucket('/logs/*'))],
  'run-log:read': objects(['s3:GetObject'], 'logs/*'),
  'fetch-users:send': [allow(['sqs:SendMessage'], queue('fetch-users'))],
  'fetch-users:visibility': [allow(['sqs:ChangeMessageVisibility'], queue('fetch-users'))],
  'dead-letters:read': [
    allow(
      ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      queue('collect-dlq'),
      queue('fetch-users-dlq'),
    ),
  ],
  'dead-letters:redrive': [
    allow(['sqs:DeleteMessage'], queue('collect-dlq'), queue('fetch-users-dlq')),
    allow(['sqs:SendMessage'], queue('collect'), queue('fetch-users')),
  ],
  // Implied for every function. X-Ray knows no resources to restrict it to.
  trace: [{ Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: ['*'] }],
  'collect:visibility': [allow(['sqs:ChangeMessageVisibility'], queue('collect'))],
};
