/** Queries that would take all of the machine: each ends by itself, and nobody else notices. */
import { GetQueryResultsCommand } from '@aws-sdk/client-athena';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  type AthenaStack,
  ask,
  BUCKET,
  ended,
  failure,
  parquetOf,
  putFolder,
  putTable,
  startAthenaStack,
  startQuery,
  tableInput,
} from './testing/athena-stack.ts';

const GB = 2 ** 30;
let stack: AthenaStack;
beforeAll(async () => {
  // As in a container of 4 GB: what fills the memory of a query (a quarter of it) does so in a third of the time.
  process.constrainedMemory = () => 4 * GB;
  stack = await startAthenaStack();
  const fields = [
    { name: 'n', type: 'int32' as const, nullable: false },
    { name: 's', type: 'string' as const, nullable: false },
  ];
  const rows = Array.from({ length: 20_000 }, (_, n) => [n, `some product ${n}`]);
  await putFolder(stack.clients, 'many/1', parquetOf(fields, rows));
  await putTable(stack.clients, tableInput('many', { n: 'int', s: 'string' }));
});
afterAll(() => stack.close());

const MB = 2 ** 20;
const EXHAUSTED = '1 Query exhausted resources at this scale factor';
const TOO_LARGE = '2 Query exceeded the row or column size limit of 32 MB';
const PAIRS = 'FROM many a CROSS JOIN many b';

it.each([
  ["SELECT lpad('x', 1200000000, 'y') AS x", EXHAUSTED],
  ['SELECT count(*) FROM UNNEST(sequence(1, 1000000000)) AS t (x)', EXHAUSTED],
  [`SELECT array_agg(a.s || b.s) AS x ${PAIRS}`, EXHAUSTED],
  [`SELECT array_join(array_agg(a.s || b.s), ',') AS x ${PAIRS}`, EXHAUSTED],
  [`SELECT histogram(a.s || b.s) AS x ${PAIRS}`, EXHAUSTED],
  [`SELECT array_agg(x) AS x FROM (SELECT array_agg(b.s) AS x ${PAIRS} GROUP BY a.n)`, EXHAUSTED],
  ['SELECT sequence(1, 1000000000) AS x', EXHAUSTED],
  ['SELECT array_sort(sequence(1, 200000000)) AS x', EXHAUSTED],
  ["SELECT split(rpad('x', 120000000, ','), ',') AS x", EXHAUSTED],
  ["SELECT replace(rpad('x', 1000000, 'x'), 'x', rpad('y', 5000, 'y')) AS x", EXHAUSTED],
  ["SELECT rpad('x', 20000000, 'y') || s AS x FROM many", EXHAUSTED],
  [`SELECT DISTINCT a.s || b.s || a.s || b.s || rpad('x', 500, 'y') AS x ${PAIRS} ORDER BY 1`, undefined],
  ["SELECT rpad('x', 33600000, 'y') AS x", TOO_LARGE],
  ["SELECT map(ARRAY['a'], ARRAY[ROW(rpad('x', 33600000, 'y'), 1)]) AS x", TOO_LARGE],
  ["SELECT CAST(rpad('x', 12000000, 'y') AS varbinary) AS x", TOO_LARGE],
  ['SELECT sequence(1, 12000000) AS x', TOO_LARGE],
])(
  '%s',
  async (sql, expected) => {
    const before = process.memoryUsage().rss;
    const id = await startQuery(stack.clients, sql);
    let most = 0;
    const asking = new AbortController();
    const meanwhile = (async () => {
      while (!asking.signal.aborted) {
        await stack.clients.s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
        most = Math.max(most, process.memoryUsage().rss);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const small = ask(stack.clients, 'SELECT max(n) AS most FROM many');
    expect(await small).toEqual([['most'], ['19999']]);
    if (expected === undefined) {
      // It has the disk to spill to, which lasts.
      const { StopQueryExecutionCommand } = await import('@aws-sdk/client-athena');
      await stack.clients.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    }
    const { Status } = await ended(stack.clients, id);
    asking.abort();
    await meanwhile;
    const { State, AthenaError, StateChangeReason } = Status!;
    if (expected === undefined) expect(State).toBe('CANCELLED');
    else expect(`${AthenaError?.ErrorCategory} ${StateChangeReason}`).toBe(expected);
    expect(most - before).toBeLessThan(400 * MB);
  },
  120_000,
);

it('a row of 31 MB is given', async () => {
  const id = await startQuery(stack.clients, "SELECT rpad('x', 31000000, 'y') AS x, 1 AS one");
  expect((await ended(stack.clients, id)).Status!.State).toBe('SUCCEEDED');
  const { ResultSet } = await stack.clients.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
  expect(ResultSet!.Rows!.map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue!.length))).toEqual([
    [1, 3],
    [31_000_000, 1],
  ]);
}, 180_000);

it('a result of more than 256 MB is not', async () => {
  const sql = `SELECT rpad('x', 5000, 'y') AS x ${PAIRS} WHERE b.n < 4`;
  expect(await failure(stack.clients, sql)).toMatch(/^2 The result is larger than 256 MB/);
}, 180_000);
