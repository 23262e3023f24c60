/**
 * What the names in an endpoint's, worker's or job's `grants` stand for: the least that does the work, on exact ARNs. Names of tables,
 * buckets and queues are deterministic (docs/contracts), so no service needs another's outputs to say them.
 */
type Statement = {
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
  sub(`arn:\${AWS::Partition}:s3:::granary-\${AWS::AccountId}-\${sls:stage}-data${suffix}`);
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

/** Of all items of a table, those whose partition key is like one of these. Without the key IAM knows nothing of a call, and refuses it. */
const partitions = (...patterns: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** They lie under raw/ like any bytes that were fetched, and are for the worker that fetches them alone. */
const NOT_PAGES_OF_USERS: Statement = {
  Effect: 'Deny',
  Action: ['s3:GetObject', 's3:PutObject'],
  Resource: [bucket('/raw/users/*')],
};

export const GRANTS: Readonly<Record<string, readonly Statement[]>> = {
  'catalog:read': [allow(['dynamodb:GetItem', 'dynamodb:Query'], table(), table('/index/GSI1'))],
  'catalog:write': [allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], table())],
  'runs:read': [allow(['dynamodb:GetItem', 'dynamodb:Query'], table(), table('/index/GSI1'))],
  // Runs by their names only, and no new items.
  'runs:get': [allow(['dynamodb:GetItem'], table())],
  'runs:update': [allow(['dynamodb:UpdateItem'], table())],
  'runs:write': [allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], table())],
  'budget:write': [allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], table())],
  // s3:ListBucket: without it a read of what is not there is a 403 instead of a 404.
  'data:read': [
    allow(['s3:GetObject'], bucket('/versions/*'), bucket('/csv_data/*')),
    allow(['s3:ListBucket'], bucket()),
  ],
  'raw:read': [allow(['s3:GetObject'], bucket('/raw/*')), NOT_PAGES_OF_USERS],
  // A presigned URL can do what its signer may do.
  'data:presign': [allow(['s3:GetObject'], bucket('/versions/*'), bucket('/raw/*')), NOT_PAGES_OF_USERS],
  // Answers too big to be sent, which expire; their presigned URLs can do what their signer may do.
  'exports:write': [
    allow(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], bucket('/exports/*')),
    allow(['s3:ListBucket'], bucket()),
  ],
  'data:write': [
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
      bucket('/raw/*'),
      bucket('/versions/*'),
      bucket('/csv_data/*'),
    ),
    // Only what an attempt wrote that nobody committed; raw bytes stay, whatever goes wrong.
    allow(['s3:DeleteObject'], bucket('/versions/*')),
    allow(['s3:ListBucket'], bucket()),
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
    // Athena's guide has it as mandatory, whatever a query reads ("Fine-grained access to databases and tables"): it looks for this database.
    allow(['glue:GetDatabase', 'glue:CreateDatabase'], ...defaultDatabase),
    // Results are written in parts.
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      bucket('/exports/queries/*'),
    ),
    allow(['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], bucket()),
  ],
  'sql:stop': [
    allow(['athena:ListQueryExecutions', 'athena:BatchGetQueryExecution', 'athena:StopQueryExecution'], workGroup),
  ],
  'collect:send': [allow(['sqs:SendMessage'], queue('collect'))],
  'users:write': [allow(['dynamodb:UpdateItem'], users())],
  // Never a Scan, and nothing but Query: what is not listed in order is not read.
  'users:read': [allow(['dynamodb:Query'], users(), users('/index/by_last_name'))],
  // Pages as they were fetched: sealed under the key of users before they are put.
  'user-pages:write': [
    allow(['s3:GetObject', 's3:PutObject'], bucket('/raw/users/*')),
    allow(['s3:ListBucket'], bucket()),
  ],
  'users:seal': [allow(['kms:GenerateDataKey'], usersKey)],
  'users:open': [allow(['kms:Decrypt'], usersKey)],
  'users-log:write': [allow(['logs:PutLogEvents'], usersLog('Info'), usersLog('Error'), usersLog('Status'))],
  // Before personal data is shown unmasked it is counted and noted who reads it; no more than that of either.
  'unmasked-reads:note': [
    { ...allow(['dynamodb:UpdateItem'], table()), Condition: partitions('READER#*') },
    allow(['logs:PutLogEvents'], usersLog('Audit')),
  ],
  'run-log:write': [allow(['s3:PutObject'], bucket('/logs/*'))],
  'run-log:read': [allow(['s3:GetObject'], bucket('/logs/*')), allow(['s3:ListBucket'], bucket())],
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
