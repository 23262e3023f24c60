import type { CloudWatchLogsClient, InputLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { SourceUnavailable } from '@granary/domain/errors';
import type { RunStatusEvent } from '@granary/domain/ports/run-log';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LINES_KEPT, makeRunLog } from './cloudwatch-run-log.ts';
import { batchesOf, LONGEST_MESSAGE, type LogEvent } from './log-batches.ts';
import { makeMemoryObjectStore } from './memory-object-store.ts';
import { makeMemoryRunLog } from './memory-run-log.ts';

const RUN = 'users-20261120t083300-4k2m9x';
const OTHER = 'users-20261121t000000-aaaaaa';
const NOON = Date.parse('2026-11-20T12:00:00Z');
const STATUS = { run: RUN, state: 'succeeded', users: 3, api_calls: 1, errors: 0 } as RunStatusEvent;

type Put = { logGroupName: string; logStreamName: string; logEvents: InputLogEvent[] };

const world = () => {
  const puts: Put[] = [];
  const reported: string[] = [];
  const away = { streams: false, objects: false };
  const answer: { rejectedLogEventsInfo?: object } = {};
  const client = {
    async send({ input }: { input: Put }) {
      await new Promise((resolve) => setImmediate(resolve));
      if (away.streams) throw new Error('no streams');
      puts.push(input);
      return answer;
    },
  } as unknown as CloudWatchLogsClient;
  const store = makeMemoryObjectStore();
  let flushes = 0;
  let time = NOON;
  const log = makeRunLog({
    objects: {
      async put(...args) {
        if (away.objects) throw new Error('no objects');
        await store.put(...args);
      },
    },
    logs: { client, group: '/granary/test/users' },
    now: () => time++,
    name: () => `f${++flushes}`,
    report: (error) => void reported.push((error as Error).message),
  });
  const objects = async () => {
    const keys = await store.list('logs/');
    return Promise.all(keys.map(async (key) => ({ key, text: new TextDecoder().decode((await store.get(key))!) })));
  };
  const said = (stream: string) =>
    puts
      .filter(({ logStreamName }) => logStreamName === stream)
      .flatMap(({ logEvents }) => logEvents.map(({ message }) => JSON.parse(message!)));
  return { log, puts, away, answer, reported, objects, said };
};

describe('The log of runs', () => {
  it('waits for nobody who never answers, and keeps the lines', async () => {
    let silent = true;
    const put = world();
    const never = (signal?: AbortSignal) =>
      new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const client = {
      send: (command: { input: Put }, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
        silent ? never(abortSignal) : Promise.resolve(void put.puts.push(command.input)).then(() => ({})),
    } as unknown as CloudWatchLogsClient;
    const store = makeMemoryObjectStore();
    const log = makeRunLog({
      objects: { put: (...args) => (silent ? never() : store.put(...args)) },
      logs: { client, group: 'group' },
      name: () => 'f',
      patience_ms: 20,
      report: (error) => void put.reported.push((error as Error).name),
    });
    log.info(RUN, 'page');
    await log.flush();
    expect(put.reported).toEqual(['TimeoutError', 'TimeoutError']);
    silent = false;
    await log.flush();
    expect(put.said('Info')).toMatchObject([{ message: 'page' }]);
    expect(await store.list('logs/')).toHaveLength(1);
  });

  it('is one object per run and flush, and two streams of lines', async () => {
    const { log, objects, said, puts } = world();
    log.info(RUN, 'page', { page: 1, users: 100, nothing: undefined });
    log.error(RUN, 'page failed', { page: 2 });
    log.info(OTHER, 'page', { page: 1 });
    expect(puts).toEqual([]);
    await log.flush();
    const [first, second] = await objects();
    expect(first!.key).toMatch(/^logs\/2026-11-20\/users-20261120t083300-4k2m9x\/20261120t120000\d{3}z-f1\.ndjson$/);
    expect(second!.key).toMatch(/^logs\/2026-11-21\/users-20261121t000000-aaaaaa\//);
    expect(
      first!.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { time: '2026-11-20T12:00:00.000Z', level: 'INFO', run: RUN, message: 'page', page: 1, users: 100 },
      { time: '2026-11-20T12:00:00.001Z', level: 'ERROR', run: RUN, message: 'page failed', page: 2 },
    ]);
    expect(said('Info').map(({ run }) => run)).toEqual([RUN, OTHER]);
    expect(said('Error')).toEqual([expect.objectContaining({ message: 'page failed', page: 2 })]);
    expect(puts.every(({ logGroupName }) => logGroupName === '/granary/test/users')).toBe(true);
    expect(puts[0]!.logEvents[0]).toEqual({ timestamp: NOON, message: expect.any(String) });
  });

  it('writes nothing when nothing was said', async () => {
    const { log, puts, objects } = world();
    await log.flush();
    expect([puts, await objects()]).toEqual([[], []]);
  });

  it('writes each line once, however many flush at the same time', async () => {
    const { log, said, objects } = world();
    const flushes: Promise<void>[] = [];
    for (let n = 0; n < 50; n++) {
      log.info(RUN, 'page', { n });
      flushes.push(log.flush());
    }
    await Promise.all(flushes);
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    expect(said('Info').map(({ n }) => n)).toEqual(numbers);
    const lines = (await objects()).flatMap(({ text }) => text.trimEnd().split('\n'));
    expect(lines.map((line) => JSON.parse(line).n).sort((a, b) => a - b)).toEqual(numbers);
  });

  it('keeps for the next flush what one of the two did not take, and gives it to the other', async () => {
    const { log, away, said, objects, reported } = world();
    away.streams = true;
    log.info(RUN, 'first');
    await log.flush();
    expect([(await objects()).length, said('Info')]).toEqual([1, []]);
    Object.assign(away, { streams: false, objects: true });
    log.info(RUN, 'second');
    await log.flush();
    expect(said('Info').map(({ message }) => message)).toEqual(['first', 'second']);
    away.objects = false;
    await log.flush();
    expect((await objects()).map(({ text }) => JSON.parse(text).message)).toEqual(['first', 'second']);
    expect(reported).toEqual(['no streams', 'no objects']);
  });

  it('drops the oldest lines when they cannot be written for long, and says how many', async () => {
    const { log, away, said, objects, reported } = world();
    Object.assign(away, { streams: true, objects: true });
    for (let n = 0; n < LINES_KEPT + 5; n++) {
      log.info(RUN, 'page', { n });
      if (n === 2) await log.flush();
    }
    await log.flush();
    expect(reported.at(-1)).toMatch(/^\d+ lines of runs could not be written/);
    Object.assign(away, { streams: false, objects: false });
    await log.flush();
    expect(said('Info')).toHaveLength(LINES_KEPT);
    expect(said('Info')[0]).toMatchObject({ n: 5 });
    const kept = (await objects()).flatMap(({ text }) => text.trimEnd().split('\n'));
    expect(kept).toHaveLength(LINES_KEPT);
  });

  it('puts the status of a run to its own stream at once, and throws when it was not taken', async () => {
    const { log, away, answer, said } = world();
    await log.status(STATUS);
    expect(said('Status')).toEqual([STATUS]);
    answer.rejectedLogEventsInfo = { tooOldLogEventEndIndex: 1 };
    await expect(log.status(STATUS)).rejects.toThrow('out of its range');
    away.streams = true;
    await expect(log.status(STATUS)).rejects.toThrow('no streams');
    const objectsOnly = makeRunLog({ objects: makeMemoryObjectStore(), name: () => 'x', report: () => {} });
    await expect(objectsOnly.status(STATUS)).rejects.toThrow('no streams');
  });

  it("says of an answer of AWS's which call it was and its id, and not its words, which name our account", async () => {
    const { log, said } = world();
    const error = Object.assign(new Error('User: arn:aws:sts::1:x is not authorized'), {
      ...{ name: 'AccessDeniedException', $fault: 'client', operation: 'S3 PutObject' },
      $metadata: { httpStatusCode: 403, requestId: 'R1' },
    });
    log.error(RUN, 'failed', { error });
    await log.flush();
    expect(said('Error')[0].error).toEqual({
      name: 'AccessDeniedException',
      operation: 'S3 PutObject',
      request_id: 'R1',
    });
  });

  it('says of our own errors what they say, and of others only what they are called', async () => {
    const { log, said } = world();
    log.error(RUN, 'failed', { error: new SourceUnavailable('The source answered 500', {}) });
    log.error(RUN, 'failed', { error: new TypeError('jane@example.com is not a function'), message: 'other' });
    await log.flush();
    expect(said('Error').map(({ message, error }) => ({ message, error }))).toEqual([
      { message: 'failed', error: { code: 'source-unavailable', message: 'The source answered 500' } },
      { message: 'failed', error: { name: 'TypeError' } },
    ]);
  });

  it('cuts a line that no event could hold', async () => {
    const { log, said } = world();
    log.info(RUN, 'é'.repeat(200_000), { more: 'x'.repeat(10) });
    await log.flush();
    expect(said('Info')).toEqual([
      expect.objectContaining({ run: RUN, message: 'é'.repeat(1000), cut_bytes: expect.any(Number) }),
    ]);
  });
});

describe('Batches of log events', () => {
  const events = fc.array(
    fc.record({
      timestamp: fc.oneof(fc.integer({ min: NOON, max: NOON + 1000 }), fc.integer({ min: NOON, max: NOON + 10 ** 9 })),
      message: fc.nat(LONGEST_MESSAGE).map((length) => 'x'.repeat(length)),
    }),
    { maxLength: 40 },
  );

  it('hold every event once, in order, within what one call takes', () => {
    fc.assert(
      fc.property(events, (given) => {
        const batches = batchesOf(given);
        const sorted = [...given].sort((a, b) => a.timestamp - b.timestamp);
        expect(batches.flat()).toEqual(sorted);
        for (const batch of batches) {
          expect(batch.reduce((sum, { message }) => sum + message.length + 26, 0)).toBeLessThanOrEqual(2 ** 20);
          expect(batch.at(-1)!.timestamp - batch[0]!.timestamp).toBeLessThan(86_400_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('hold ten thousand events at most', () => {
    const many: LogEvent[] = Array.from({ length: 20_001 }, () => ({ timestamp: NOON, message: 'x' }));
    expect(batchesOf(many).map(({ length }) => length)).toEqual([10_000, 10_000, 1]);
  });
});

describe('The log of runs in memory', () => {
  it('keeps what was said, and tells what was flushed', async () => {
    const log = makeMemoryRunLog({ now: () => NOON });
    log.info(RUN, 'page', { page: 1 });
    await log.flush();
    log.error(RUN, 'page failed');
    await log.status(STATUS);
    expect(log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual(['INFO page', 'ERROR page failed']);
    expect(log.flushed).toHaveLength(1);
    expect(log.events).toEqual([STATUS]);
  });
});
