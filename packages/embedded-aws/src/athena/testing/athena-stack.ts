import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AthenaClient,
  CreateWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, CreateTableCommand, GlueClient, type TableInput } from '@aws-sdk/client-glue';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { type EmbeddedAws, startEmbeddedAws } from '../../embedded-aws.ts';

const FORMAT = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
export const BUCKET = 'test-data';
export const DATABASE = 'test_tables';

export const clientsOf = (endpoint: string) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  return {
    athena: new AthenaClient(settings),
    glue: new GlueClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
  };
};
export type Clients = ReturnType<typeof clientsOf>;

type Cell = string | number | bigint | boolean | null;
export type ParquetField = {
  name: string;
  type: 'boolean' | 'int32' | 'int64' | 'double' | 'date' | 'timestamp' | 'string';
  nullable: boolean;
};

const DAY_MS = 86_400_000;

/** How a column is stored, and what of a cell is. */
const STORED = {
  boolean: { type: 'BOOLEAN', of: (cell: Cell) => cell },
  int32: { type: 'INT32', of: (cell: Cell) => cell },
  int64: { type: 'INT64', of: (cell: Cell) => cell },
  double: { type: 'DOUBLE', of: (cell: Cell) => cell },
  date: { type: 'INT32', converted_type: 'DATE', of: (cell: Cell) => Date.parse(String(cell)) / DAY_MS },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', of: (cell: Cell) => new Date(String(cell)) },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', of: (cell: Cell) => cell },
} as const;

/** A Parquet file of rows; days and times as ISO 8601. */
export const parquetOf = (fields: readonly ParquetField[], rows: readonly (readonly Cell[])[]): Uint8Array => {
  const columns = fields.map(({ name, type, nullable }) => {
    const { of, ...stored } = STORED[type];
    return { name, repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const), ...stored, of };
  });
  const columnData = columns.map(({ name, of }, n) => ({
    name,
    data: rows.map((row) => (row[n] === null ? null : of(row[n]!))),
  }));
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(({ of: _, ...element }) => element)];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
};

/** A folder of a table: what its manifest names, written beside it. */
export const putFolder = async ({ s3 }: Clients, folder: string, parquet: Uint8Array): Promise<void> => {
  const key = `versions/${folder}/data.parquet`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: parquet }));
  const manifest = { Bucket: BUCKET, Key: `tables/${folder}/symlink.txt`, Body: `s3://${BUCKET}/${key}\n` };
  await s3.send(new PutObjectCommand(manifest));
};

export const tableInput = (
  name: string,
  columns: Readonly<Record<string, string>>,
  more: Partial<TableInput> & { location?: string } = {},
): TableInput => {
  const { location = `s3://${BUCKET}/tables/${name}/1/`, ...rest } = more;
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    StorageDescriptor: {
      ...FORMAT,
      Location: location,
      Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
    },
    ...rest,
  };
};

export const history = (name: string, from: number, to: number) => ({
  location: `s3://${BUCKET}/tables/${name}/`,
  PartitionKeys: [{ Name: 'version', Type: 'int' }],
  Parameters: {
    'projection.enabled': 'true',
    'projection.version.type': 'integer',
    'projection.version.range': `${from},${to}`,
    'storage.location.template': `s3://${BUCKET}/tables/${name}/\${version}/`,
  },
});

export const putTable = ({ glue }: Clients, input: TableInput) =>
  glue.send(new CreateTableCommand({ DatabaseName: DATABASE, TableInput: input }));

/** Starts a query in the workgroup `test`, and gives its id. */
export const startQuery = async (
  { athena }: Clients,
  sql: string,
  more: Partial<StartQueryExecutionCommandInput> = {},
): Promise<string> => {
  const context = { QueryExecutionContext: { Database: DATABASE }, WorkGroup: 'test' };
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({ QueryString: sql, ...context, ...more }),
  );
  return QueryExecutionId!;
};

export const execution = async ({ athena }: Clients, id: string): Promise<QueryExecution> =>
  (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution!;

/** The execution once it has ended. */
export const ended = async (clients: Clients, id: string): Promise<QueryExecution> => {
  for (;;) {
    const found = await execution(clients, id);
    if (!['QUEUED', 'RUNNING'].includes(found.Status!.State!)) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Rows of a query that succeeds, the names first, of its first page. */
export const ask = async (clients: Clients, sql: string): Promise<(string | null)[][]> => {
  const id = await startQuery(clients, sql);
  const { Status } = await ended(clients, id);
  if (Status!.State !== 'SUCCEEDED') throw new Error(`${Status!.State}: ${Status!.StateChangeReason}`);
  const { ResultSet } = await clients.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
  return ResultSet!.Rows!.map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue ?? null));
};

/** Why a query fails, with AthenaError's category; or that it does not. */
export const failure = async (clients: Clients, sql: string): Promise<string> => {
  const { Status } = await ended(clients, await startQuery(clients, sql));
  const { State, AthenaError, StateChangeReason } = Status!;
  return State === 'FAILED' ? `${AthenaError?.ErrorCategory} ${StateChangeReason}` : State!;
};

export type AthenaStack = {
  dir: string;
  aws: EmbeddedAws;
  clients: Clients;
  restart(): Promise<void>;
  close(): Promise<void>;
};

/** An embedded AWS with a bucket, a database and the workgroup `test`, whose limit is 10 MB. */
export const startAthenaStack = async (onFailure?: (error: Error) => void): Promise<AthenaStack> => {
  const dir = mkdtempSync(join(tmpdir(), 'embedded-athena-'));
  const start = () => startEmbeddedAws({ port: 0, dir, onFailure });
  const stack = {
    dir,
    aws: await start(),
    clients: {} as Clients,
    async restart() {
      await stack.aws.close();
      stack.aws = await start();
      stack.clients = clientsOf(stack.aws.url);
    },
    async close() {
      await stack.aws.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  stack.clients = clientsOf(stack.aws.url);
  const { s3, glue, athena } = stack.clients;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }));
  const Configuration = {
    ResultConfiguration: { OutputLocation: `s3://${BUCKET}/exports/queries/` },
    BytesScannedCutoffPerQuery: 10_000_000,
  };
  await athena.send(new CreateWorkGroupCommand({ Name: 'test', Configuration }));
  return stack;
};
