/**
 * The trace that a piece of work belongs to: one id from the schedule or the request that began it, through the
 * messages of queues, to the objects it stores. Log lines carry the id, messages carry X-Ray's header, and where
 * tracing is on X-Ray has the spans (tracing.ts).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

export type Trace = {
  /** 32 hexadecimal digits: W3C's trace id, which X-Ray writes as `1-<8>-<24>`. */
  id: string;
  /** 16 hexadecimal digits: the span that this work was caused by, if it was said. */
  parent?: string;
  /** Whether X-Ray keeps it; nobody has decided when it is absent. */
  sampled?: boolean;
};

/** Where work is in its trace: `span` is the one that is open. */
export type TracePlace = { readonly trace: Trace; span?: string };

const places = new AsyncLocalStorage<TracePlace>();

/** Does work within a trace: what it awaits is within it, too. */
export const inTrace = <Result>(trace: Trace, work: () => Result): Result => places.run({ trace }, work);
export const currentPlace = (): TracePlace | undefined => places.getStore();

const XRAY_ROOT = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/;
const XRAY_PARENT = /Parent=([0-9a-f]{16})/;
const XRAY_SAMPLED = /Sampled=([01])/;

/** What X-Ray's header says: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
export const traceOfHeader = (header: string | undefined): Trace | undefined => {
  const root = header === undefined ? null : XRAY_ROOT.exec(header);
  if (!root) return undefined;
  const parent = XRAY_PARENT.exec(header!)?.[1];
  const sampled = XRAY_SAMPLED.exec(header!)?.[1];
  return {
    id: root[1]! + root[2]!,
    ...(parent !== undefined && { parent }),
    ...(sampled !== undefined && { sampled: sampled === '1' }),
  };
};

/** What Lambda says of the invocation under way. */
export const traceOfLambda = (): Trace | undefined => traceOfHeader(process.env._X_AMZN_TRACE_ID);

/** X-Ray reads the time of a trace from its first eight digits. */
export const newTrace = (): Trace => ({
  id:
    Math.floor(Date.now() / 1000)
      .toString(16)
      .padStart(8, '0') + randomHex(12),
});

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const NONE = '0'.repeat(32);

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The trace of a request: its caller's, by W3C's header, else that of API Gateway and Lambda, else a new one. Whether
 * X-Ray keeps it is never its caller's to say, since it costs money.
 */
export const traceOfRequest = (headers: Headers): Trace => {
  const lambda = traceOfLambda();
  const caller = ofCaller(headers);
  if (caller) return { ...caller, ...(lambda?.sampled !== undefined && { sampled: lambda.sampled }) };
  return lambda ?? ofGateway(headers) ?? newTrace();
};

/**
 * The same for a request whose trace ends with its answer, since no span is opened and no message sent. API Gateway's
 * header has the root that Lambda has in a variable, and reading a variable of the environment at every request is a
 * tenth of a warm answer (bench/README.md).
 */
export const traceOfRead = (headers: Headers): Trace =>
  ofCaller(headers) ?? ofGateway(headers) ?? traceOfLambda() ?? newTrace();

const ofCaller = ({ traceparent }: Headers): Trace | undefined => {
  const w3c = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  return w3c && w3c[1] !== NONE ? { id: w3c[1]!, parent: w3c[2]! } : undefined;
};

const ofGateway = (headers: Headers): Trace | undefined => traceOfHeader(headers['x-amzn-trace-id']);

/** X-Ray's name of it. */
export const xrayId = ({ id }: Trace): string => `1-${id.slice(0, 8)}-${id.slice(8)}`;

/**
 * X-Ray's header for what this work causes, such as a message: whoever receives it goes on with the trace below the
 * open span.
 */
export const traceHeader = (): string | undefined => {
  const place = currentPlace();
  if (!place) return undefined;
  const { trace, span = trace.parent } = place;
  const parent = span === undefined ? '' : `;Parent=${span}`;
  const sampled = trace.sampled === undefined ? '' : `;Sampled=${trace.sampled ? 1 : 0}`;
  return `Root=${xrayId(trace)}${parent}${sampled}`;
};

/** Random bytes are drawn by the page: one system call serves a hundred calls. */
let pool = '';
export const randomHex = (bytes: number): string => {
  if (pool.length < bytes * 2) pool = randomBytes(2048).toString('hex');
  const drawn = pool.slice(0, bytes * 2);
  pool = pool.slice(bytes * 2);
  return drawn;
};
