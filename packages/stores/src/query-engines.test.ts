import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { AthenaClient } from '@aws-sdk/client-athena';
import { InvalidRequest, NotFound, QueryEngineFailed, TooManyRequests } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { makeAthenaQueryEngine } from './athena-query-engine.ts';
import { answerOfContract, queryEngineContract } from './contracts/query-engine.ts';
import { type MemoryResult, makeMemoryQueryEngine } from './memory-query-engine.ts';
import { makeFakeAthena } from './testing/fake-athena.ts';

const place = { workgroup: 'granary-test', database: 'granary_test', bucket: 'bucket' };
const athenaOver = (answer: (sql: string) => MemoryResult, now?: () => number) => {
  const memory = makeMemoryQueryEngine({ answer, now });
  const { client, sent } = makeFakeAthena(memory, place);
  return { engine: makeAthenaQueryEngine({ client, ...place, now }), sent };
};

queryEngineContract('The memory engine', async () => makeMemoryQueryEngine({ answer: answerOfContract }));
queryEngineContract('Athena', async () => athenaOver(answerOfContract).engine);

describe('Athena as a QueryEngine', () => {
  const one: MemoryResult = { columns: [{ name: 'n', type: 'integer' }], rows: [['1']] };

  it('is asked in the workgroup and the database, once by a token, and for a result of before only where it may be', async () => {
    const { engine, sent } = athenaOver(() => one);
    await engine.start({ sql: 'SELECT 1 AS n', reuse_minutes: 0 });
    await engine.start({ sql: 'SELECT 1 AS n', reuse_minutes: 7 });
    expect(sent.map(({ input }) => input)).toEqual([
      {
        QueryString: 'SELECT 1 AS n',
        WorkGroup: 'granary-test',
        QueryExecutionContext: { Database: 'granary_test' },
        ClientRequestToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      expect.objectContaining({
        ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 7 } },
      }),
    ]);
    expect(sent[0]?.input.ClientRequestToken).not.toBe(sent[1]?.input.ClientRequestToken);
  });

  it('tells nothing of a query of another workgroup', async () => {
    const memory = makeMemoryQueryEngine({ answer: () => one });
    const { client } = makeFakeAthena(memory, { workgroup: 'primary' });
    const engine = makeAthenaQueryEngine({ client, ...place });
    expect(await engine.status(await engine.start({ sql: 'SELECT 1', reuse_minutes: 0 }))).toBeUndefined();
  });

  it('looks through two hundred executions for those under way, and no further than an hour back', async () => {
    let now = 0;
    const { engine, sent } = athenaOver(
      (sql) => ({ ...one, ms: sql === 'slow' ? 7_200_000 : 0 }),
      () => now,
    );
    const slow = await engine.start({ sql: 'slow', reuse_minutes: 0 });
    for (let count = 0; count < 120; count++) await engine.start({ sql: 'quick', reuse_minutes: 0 });
    now = 1000;
    expect((await engine.underWay()).map(({ id, duration_ms }) => [id, duration_ms])).toEqual([[slow, 1000]]);
    const lists = () => sent.filter(({ name }) => name === 'ListQueryExecutionsCommand').length;
    expect(lists()).toBe(3);
    now = 4_000_000;
    await engine.underWay();
    expect(lists()).toBe(4);
  });

  const failing = (execution: object) => {
    const send = async () => ({ QueryExecution: { QueryExecutionId: 'q', WorkGroup: 'granary-test', ...execution } });
    return makeAthenaQueryEngine({ client: { send } as never, ...place }).status('q');
  };

  it('says of what wanted more memory than it gets that it is the query, whatever category Athena gives it', async () => {
    const StateChangeReason = 'Query exhausted resources at this scale factor';
    const Status = { State: 'FAILED', StateChangeReason, AthenaError: { ErrorCategory: 1 } };
    expect(await failing({ Status })).toMatchObject({ state: 'failed', failure: { by: 'query' } });
  });

  it.each(['CANCELLED', 'FAILED'])('says of what was %s for reading too much that it was the limit', async (State) => {
    const Status = { State, StateChangeReason: 'Bytes scanned limit was exceeded' };
    expect(await failing({ Status })).toMatchObject({ state: 'failed', failure: { by: 'limit' } });
  });

  it('tells the fault of a query from the fault of the engine by the category', async () => {
    const status = (ErrorCategory?: number) =>
      failing({ Status: { State: 'FAILED', StateChangeReason: 'why', AthenaError: { ErrorCategory } } });
    expect((await status(2))?.failure).toEqual({ by: 'query', message: 'why' });
    for (const category of [1, 3, undefined])
      expect((await status(category))?.failure).toEqual({ by: 'engine', message: 'why' });
    expect(
      await failing({ Status: { State: 'CANCELLED', StateChangeReason: 'Query cancelled by user' } }),
    ).toMatchObject({ state: 'cancelled', failure: null });
  });

  const throwing = (name: string, message = 'why') =>
    makeAthenaQueryEngine({
      client: { send: async () => Promise.reject(Object.assign(new Error(message), { name })) } as never,
      ...place,
    });

  it('says what a refused start was refused for', async () => {
    const start = (name: string) => throwing(name).start({ sql: 'x', reuse_minutes: 0 });
    await expect(start('InvalidRequestException')).rejects.toThrow(InvalidRequest);
    await expect(start('TooManyRequestsException')).rejects.toThrow(TooManyRequests);
    await expect(start('ThrottlingException')).rejects.toMatchObject({ headers: { 'Retry-After': '5' } });
    await expect(start('InternalServerException')).rejects.toThrow(QueryEngineFailed);
  });

  it('says of any call that is throttled when to try again, and of one that hangs that it does, in time', async () => {
    for (const name of ['TooManyRequestsException', 'ThrottlingException']) {
      const engine = throwing(name);
      const busy = { status: 429, headers: { 'Retry-After': '5' } };
      await expect(engine.status('q')).rejects.toMatchObject(busy);
      await expect(engine.stop('q')).rejects.toMatchObject(busy);
      await expect(engine.page('q', { limit: 1 })).rejects.toMatchObject(busy);
      await expect(engine.page('q', { limit: 1, from: 'x' })).rejects.toMatchObject(busy);
    }
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new AthenaClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
    const engine = makeAthenaQueryEngine({ client, ...place, call_ms: 50 });
    await expect(engine.start({ sql: 'x', reuse_minutes: 0 })).rejects.toThrow(QueryEngineFailed);
    await expect(engine.status('q')).rejects.toThrow(/abort/i);
    await expect(engine.page('q', { limit: 1 })).rejects.toThrow(/abort/i);
    client.destroy();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('says of a result that expired between two pages that it is not there', async () => {
    const { client } = makeFakeAthena(
      makeMemoryQueryEngine({ answer: () => ({ ...one, rows: [['1'], ['2']] }) }),
      place,
    );
    let isThere = true;
    const send = async (command: never) => {
      const { name } = (command as object).constructor;
      if (name !== 'GetQueryResultsCommand' || isThere) return client.send(command);
      throw Object.assign(new Error('Could not find results'), { name: 'InvalidRequestException' });
    };
    const engine = makeAthenaQueryEngine({ client: { send } as never, ...place });
    const id = await engine.start({ sql: 'x', reuse_minutes: 0 });
    const { next } = await engine.page(id, { limit: 1 });
    expect((await engine.page(id, { limit: 1, from: next as string })).rows).toEqual([['2']]);
    await expect(engine.page(id, { limit: 1, from: 'garbage' })).rejects.toThrow(InvalidRequest);
    isThere = false;
    await expect(engine.page(id, { limit: 1, from: next as string })).rejects.toThrow(NotFound);
  });

  it('says that a result which expired is not there, and passes on what it does not know', async () => {
    await expect(throwing('InvalidRequestException').page('q', { limit: 1 })).rejects.toThrow(NotFound);
    for (const work of ['status', 'stop'] as const)
      await expect(throwing('InternalServerException')[work]('q')).rejects.toThrow('why');
  });

  it('tells nothing of a query that Athena says is of another workgroup, or is not there', async () => {
    const denied = (workgroup: string) =>
      `User: arn:aws:sts::1:assumed-role/query is not authorized to perform: athena:GetQueryExecution on resource: arn:aws:athena:us-east-1:1:workgroup/${workgroup}`;
    expect(await throwing('AccessDeniedException', denied('primary')).status('q')).toBeUndefined();
    expect(await throwing('InvalidRequestException', 'QueryExecution q was not found').status('q')).toBeUndefined();
    await expect(throwing('AccessDeniedException', denied(place.workgroup)).status('q')).rejects.toThrow('authorized');
  });

  it.each(['AccessDeniedException', 'InvalidRequestException', 'ValidationException'])(
    'passes on %s of another kind: nothing is hidden behind a query that is not there',
    (name) => expect(throwing(name).status('q')).rejects.toThrow('why'),
  );
});
