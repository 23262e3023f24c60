/**
 * A run of the whole on this machine, every call of AWS counted: a collection that publishes, one that finds nothing
 * new, users, readers.
 */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentDocument } from '@granary/embedded-aws/xray/xray-traces';
import { endedRun, planNow } from '../../tests/e2e/collecting.ts';
import { dropState, eventually, newState, type Stack, startStack } from '../../tests/e2e/stack.ts';
import { localPlace, type Place, tracesOf } from '../trace/places.ts';
import type { LogLine } from '../trace/spans.ts';
import { MIX, type Route } from './mix.ts';
import { sumOf, type Used, usedBy } from './usage.ts';

/** What was used, and what the functions wrote into their logs for it. */
export type Measured = Used & { log_bytes: number };
export type MeasuredRun = Measured & { parts: number; versions: number };
export type MeasuredRoute = Measured & { route: string; calls_made: number; sent_bytes: number; athena_bytes: number };
export type Counted = {
  measured_on: string;
  machine: string;
  collection: { published: MeasuredRun; unchanged: MeasuredRun };
  users: MeasuredRun & { users: number };
  /** Of each schedule one invocation that finds nothing to do. */
  idle: Readonly<Record<string, Measured>>;
  routes: readonly MeasuredRoute[];
  stored: { datasets: number; bytes: number };
};

/** Calls of a route that are counted, after one that warms its function. */
const CALLS = 10;
const IDLE = ['plan', 'plan-users', 'sweep', 'watch'];

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export const measure = async (): Promise<Counted> => {
  const state = newState();
  say('Starting a stack of its own, which collects …');
  const stack = await startStack({ state, args: ['--tracing'] });
  try {
    const place = localPlace(state);
    const published = await endedRun(stack);
    const users = await endedUsers(stack);
    say('Collecting once more, without a change …');
    await planNow(stack);
    const unchanged = await endedRun(stack, published);
    say('Asking as readers do …');
    const routes: MeasuredRoute[] = [];
    for (const route of MIX) routes.push(await measureRoute(stack, place, route));
    const idle: Record<string, Measured> = {};
    for (const name of IDLE) idle[name] = await measureIdle(stack, place, name);
    const { items } = await stack.json<{ items: { id: string }[] }>('/v1/datasets?limit=100');
    const operator = { authorization: `Bearer ${await stack.token('operator')}` };
    let bytes = 0;
    for (const { id } of items) {
      const answer = await stack.get(`/v1/datasets/${id}/cost`, operator);
      const { stored } = (await answer.json()) as { stored: { bytes: Record<'files' | 'raw' | 'latest_csv', number> } };
      bytes += stored.bytes.files + stored.bytes.raw + stored.bytes.latest_csv;
    }
    const run = async (of: { id: string; parts?: number; versions: readonly string[] }, parts: number) => ({
      ...(await measuredOf(place, await tracesOf(place, of.id))),
      parts,
      versions: of.versions.length,
    });
    return {
      measured_on: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} × ${cpus()[0]?.model.trim() || 'processor of unknown make'}, Node.js ${process.version}`,
      collection: { published: await run(published, items.length), unchanged: await run(unchanged, items.length) },
      users: { ...(await run(users, users.parts)), users: users.users.new + users.users.overwritten },
      idle,
      routes,
      stored: { datasets: items.length, bytes },
    };
  } finally {
    await stack.stop();
    dropState(state);
  }
};

const endedUsers = async (stack: Stack) =>
  eventually(
    async () => (await stack.json('/v1/runs?kind=users')).items[0],
    (run) => run !== undefined && run.state !== 'running',
  );

const measuredOf = async (place: Place, traces: readonly string[]): Promise<Measured> => {
  const segments: SegmentDocument[] = [];
  const lines: LogLine[] = [];
  for (const trace of traces) {
    segments.push(...(await place.segments(trace)));
    lines.push(...(await place.lines(trace)));
  }
  if (segments.length === 0) throw new Error(`X-Ray has nothing of the traces ${traces.join(', ')}.`);
  const log_bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0);
  return { ...usedBy(segments), log_bytes };
};

/** Each call in a trace of its own; the first warms the function and is not counted. */
const measureRoute = async (stack: Stack, place: Place, { route, path, role, body }: Route): Promise<MeasuredRoute> => {
  const traces: string[] = [];
  let sent_bytes = 0;
  let athena_bytes = 0;
  for (let call = 0; call <= CALLS; call++) {
    const trace = `${Math.floor(Date.now() / 1000).toString(16)}${randomBytes(12).toString('hex')}`;
    const answer = await fetch(new URL(path, `http://127.0.0.1:${stack.port}`), {
      method: route.split(' ')[0],
      redirect: 'manual',
      headers: {
        ...{ authorization: `Bearer ${await stack.token(role)}`, traceparent: `00-${trace}-00f067aa0ba902b7-01` },
        'accept-encoding': 'gzip',
        ...(body && { 'content-type': 'application/json' }),
      },
      // Another text each time: a result of before is not given again, as it would be to a second who asks.
      ...(body && { body: JSON.stringify(body).replace('SELECT', `SELECT${' '.repeat(call + 1)}`) }),
    });
    const text = await answer.text();
    if (answer.status >= 400) throw new Error(`${route} → ${answer.status}: ${text.slice(0, 300)}`);
    if (call === 0) continue;
    traces.push(trace);
    sent_bytes += Number(answer.headers.get('content-length') ?? text.length);
    if (body) athena_bytes += Number(JSON.parse(text).bytes_scanned ?? 0);
  }
  // The daemon's datagrams of the last call are on their way.
  await sleep(500);
  const calls = [];
  for (const trace of traces) calls.push(await measuredOf(place, [trace]));
  const log_bytes = calls.reduce((sum, one) => sum + one.log_bytes, 0);
  return { route, calls_made: CALLS, sent_bytes, athena_bytes, ...sumOf(calls), log_bytes };
};

const measureIdle = async (stack: Stack, place: Place, name: string): Promise<Measured> => {
  const invoke = async () => {
    const answer = await fetch(
      `http://127.0.0.1:${stack.port + 4}/2015-03-31/functions/granary-ingestion-local-${name}/invocations`,
      { method: 'POST', headers: { 'x-granary-local-key': stack.local.lambdaKey }, body: '{}' },
    );
    if (!answer.ok) throw new Error(`${name} → ${answer.status}: ${await answer.text()}`);
  };
  // Once to warm it.
  await invoke();
  const before = new Set(await invocationsOf(place, name));
  await invoke();
  const trace = await eventually(
    async () => (await invocationsOf(place, name)).find((one) => !before.has(one)),
    (found) => found !== undefined,
  );
  await sleep(500);
  return measuredOf(place, [trace!]);
};

const invocationsOf = async (place: Place, name: string): Promise<string[]> =>
  (await place.lines('"message":"invocation"'))
    .filter((line) => line.function === name)
    .map(({ trace_id }) => trace_id);
