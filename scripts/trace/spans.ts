/** What is known of a trace, as rows of a table: of X-Ray's documents, or of the log's lines where X-Ray has none. */
import type { SegmentDocument } from '@granary/embedded-aws/xray/xray-traces';

export type Span = {
  /** Milliseconds since 1970. */
  start: number;
  /** An event of the log has none. */
  duration_ms: number | undefined;
  depth: number;
  name: string;
  status: string;
  what: string;
};

/** A line that a function wrote (packages/runtime/src/logger.ts). */
export type LogLine = Readonly<Record<string, unknown>> & { message: string; timestamp: string; trace_id: string };

/** The spans of segments, each below what caused it, in the order of time. */
export const spansOfSegments = (segments: readonly SegmentDocument[]): Span[] => {
  const all = segments.flatMap(withNested);
  const known = new Set(all.map(({ document }) => document.id));
  const below = Map.groupBy(all, ({ parent }) => (parent !== undefined && known.has(parent) ? parent : ''));
  const rows = (parent: string, depth: number): Span[] =>
    (below.get(parent) ?? [])
      .sort((a, b) => a.document.start_time - b.document.start_time)
      .flatMap(({ document }) => [spanOf(document, depth), ...rows(document.id, depth + 1)]);
  return rows('', 0);
};

type Placed = { document: SegmentDocument; parent: string | undefined };
const withNested = (document: SegmentDocument): Placed[] => [
  { document, parent: document.parent_id },
  ...(document.subsegments ?? [])
    .flatMap(withNested)
    .map((nested) => ({ ...nested, parent: nested.parent ?? document.id })),
];

type Aws = Readonly<Record<string, unknown>> & { operation?: string };
type Http = { response?: { status?: number } };

const spanOf = (document: SegmentDocument, depth: number): Span => {
  const { name, start_time, end_time, namespace, error, fault, throttle, in_progress } = document;
  const aws = (document.aws ?? {}) as Aws;
  const status = (document.http as Http | undefined)?.response?.status;
  // The SDK calls every error a fault, also the 404 and 400 that a look and a condition are answered with as a matter
  // of course.
  const refused = status !== undefined && status < 500;
  const failed = throttle ? 'throttled' : refused ? undefined : fault ? 'fault' : error ? 'error' : undefined;
  const annotations = (document.annotations ?? {}) as Readonly<Record<string, unknown>>;
  return {
    start: start_time * 1000,
    duration_ms: end_time === undefined ? undefined : (end_time - start_time) * 1000,
    depth,
    name: namespace === 'aws' && aws.operation ? `${name} ${aws.operation}` : name.replace(/^## /, ''),
    status: [
      failed ?? (in_progress || end_time === undefined ? 'open' : status && status >= 400 ? 'refused' : 'ok'),
      ...(status ? [status] : []),
    ].join(' '),
    what: namespace === 'aws' ? resourceOf(aws) : words(annotations, ['route', 'request_id', 'message_id']),
  };
};

/** What a call was about; keys of objects and names of tables hold nothing of a person. */
const resourceOf = (aws: Aws): string => {
  const { bucket_name, key, table_name, resource_names, queue_url } = aws;
  const queue = typeof queue_url === 'string' ? queue_url.split('/').at(-1) : undefined;
  const object = [bucket_name, key].filter(Boolean).join('/');
  return [object, table_name, resource_names, queue].flat().filter(Boolean).map(String).join(' ');
};

/** The spans of lines: those of requests, invocations and messages last, everything else that was said is an event. */
export const spansOfLines = (lines: readonly LogLine[]): Span[] =>
  lines.map(spanOfLine).sort((a, b) => a.start - b.start || b.name.localeCompare(a.name));

const ABOUT = ['run', 'source', 'part', 'parts', 'dataset', 'version', 'outcome', 'query', 'message_id', 'request_id'];

const spanOfLine = (line: LogLine): Span => {
  const { message, timestamp, level, route, status } = line;
  const said = Date.parse(timestamp);
  const of = String(line.function ?? line.service ?? '');
  const failed = level === 'ERROR' || level === 'WARN' ? String(level).toLowerCase() : 'ok';
  const error = line.error as { name?: string; code?: string } | undefined;
  const about = [words(line, ABOUT), error?.code ?? error?.name].filter(Boolean).join(' ');
  const lasted = (ms: unknown) => ({ start: said - Number(ms), duration_ms: Number(ms) });
  if (message === 'request') {
    const { Latency } = line;
    return {
      ...lasted(Latency),
      depth: 0,
      name: String(route),
      status: String(status),
      what: words(line, ['request_id']),
    };
  }
  if (line.duration_ms !== undefined) {
    const depth = message === 'message' ? 1 : 0;
    return { ...lasted(line.duration_ms), depth, name: depth ? `${of}: ${message}` : of, status: failed, what: about };
  }
  return { start: said, duration_ms: undefined, depth: 2, name: `${of}: ${message}`, status: failed, what: about };
};

const words = (from: Readonly<Record<string, unknown>>, names: readonly string[]): string =>
  names.flatMap((name) => (from[name] === undefined ? [] : [`${name}=${String(from[name])}`])).join(' ');

/** `   12.0 ms     3.4 ms  ok 200   collect … `, with offsets from the first. */
export const tableOf = (spans: readonly Span[]): string => {
  const first = Math.min(...spans.map(({ start }) => start));
  const cells = spans.map(({ start, duration_ms, depth, name, status, what }) => [
    ms(start - first),
    duration_ms === undefined ? '' : ms(duration_ms),
    status,
    `${'  '.repeat(depth)}${name}`,
    what,
  ]);
  const rows = [['start', 'duration', 'status', 'span', 'what'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const ms = (value: number): string => `${value.toFixed(1)} ms`;
