import type { Segment, Subsegment } from 'aws-xray-sdk-core';
import type { Logger } from './logger.ts';
import { currentPlace, type TracePlace, xrayId } from './trace.ts';

/** A piece of work shown in X-Ray. */
export type Span = {
  /** Sends it. Never throws. */
  close(outcome?: { error?: unknown }): void;
};

/** Makes an AWS client show each of its calls in X-Ray; the identity when tracing is off. */
export type Capture = <Client extends object>(client: Client) => Client;

export type Tracing = {
  /** Does work whose spans are nobody else's: what is open in it is not open in what goes on beside it. */
  apart<Result>(work: () => Result): Result;
  /**
   * Begins a span of the current trace, below which clients' calls stand until it is closed. The trace says whether it
   * is kept.
   */
  open(name: string, annotations?: Readonly<Record<string, string>>): Span | undefined;
  capture: Capture;
};

export const uncaptured: Capture = (client) => client;

/**
 * `169.254.79.129:2000`, or `tcp:… udp:…`: the X-Ray SDK throws for anything else, some of it out of the calls of AWS
 * clients.
 */
const DAEMON = /^(?:[\w.-]+:[1-9]\d{0,4}|(?:(?:tcp|udp):[\w.-]+:[1-9]\d{0,4} ?){2})$/;

/** Whether an environment is to be traced: TRACING is `true`, and Lambda says where its X-Ray daemon is. */
export const isTraced = ({ TRACING, AWS_XRAY_DAEMON_ADDRESS }: Readonly<Record<string, string | undefined>>): boolean =>
  TRACING === 'true' && DAEMON.test(AWS_XRAY_DAEMON_ADDRESS ?? '');

/**
 * X-Ray's SDK. Loaded only here and only when tracing is on: it takes 26 ms to load, and follows every promise of the
 * process from then on (docs/adr/0004). An SDK that cannot be loaded is logged and done without.
 */
export const loadTracing = async (service: string, log: Logger): Promise<Tracing | undefined> => {
  try {
    const { default: xray } = await import('aws-xray-sdk-core');
    // An invocation without a trace header is not traced; the SDK would log each.
    xray.setContextMissingStrategy('IGNORE_ERROR');
    return tracingBy(xray, service);
  } catch (error) {
    log.warn('tracing is off: its library did not load', { error });
    return undefined;
  }
};

type Xray = typeof import('aws-xray-sdk-core');
type Open = Segment | Subsegment;

const tracingBy = (xray: Xray, service: string): Tracing => {
  let cold_start = true;

  /**
   * Below what is open in the same trace: a span of ours, or what Lambda has of the invocation. A message and a caller
   * bring a trace that Lambda knows nothing of: there the function has a segment of its own, which goes on where they
   * left it.
   */
  const begin = ({ trace }: TracePlace, name: string): Open | undefined => {
    const open = xray.getSegment() as Open | undefined;
    const root = (open as Subsegment | undefined)?.segment ?? (open as Segment | undefined);
    if (open && root?.trace_id === xrayId(trace)) return open.addNewSubsegment(legal(`## ${name}`));
    if (trace.sampled === false) return undefined;
    const own = new xray.Segment(legal(process.env.AWS_LAMBDA_FUNCTION_NAME || name), xrayId(trace), trace.parent);
    return Object.assign(own, { origin: 'AWS::Lambda::Function' });
  };

  return {
    apart: (work) => xray.getNamespace().runAndReturn(work),
    open(name, annotations = {}) {
      const place = currentPlace();
      if (!place) return undefined;
      const before = xray.getSegment() as Open | undefined;
      const span = begin(place, name);
      if (!span) return undefined;
      const { span: above } = place;
      xray.setSegment(span);
      if (!span.notTraced) place.span = span.id;
      for (const [key, value] of Object.entries({ ...annotations, ColdStart: cold_start, Service: service }))
        span.addAnnotation(key, value);
      cold_start = false;
      return {
        close({ error } = {}) {
          try {
            if (error !== undefined) span.addError(error instanceof Error ? error : String(error));
            span.close();
            place.span = above;
            if (before) xray.setSegment(before);
          } catch {
            // A trace that is lost must not cost an answer.
          }
        },
      };
    },
    capture: (client) => xray.captureAWSv3Client(sayingCapacity(client) as never),
  };
};

type Input = { ReturnConsumedCapacity?: string };
type Next = (args: { input: Input }) => Promise<unknown>;
type Stack = {
  add(
    middleware: (next: Next, context: { clientName?: string }) => Next,
    options: { step: 'initialize'; priority: 'low' },
  ): void;
};

/**
 * Has DynamoDB say what each call consumed, which is what it is billed by: X-Ray keeps that with the call. It costs
 * nothing.
 */
const sayingCapacity = <Client extends object>(client: Client): Client => {
  (client as { middlewareStack?: Stack }).middlewareStack?.add(
    (next, { clientName }) =>
      (args) =>
        next(
          clientName === 'DynamoDBClient'
            ? { ...args, input: { ReturnConsumedCapacity: 'TOTAL', ...args.input } }
            : args,
        ),
    { step: 'initialize', priority: 'low' },
  );
  return client;
};

/** X-Ray takes letters, digits, white space and `_ . : / % & # = + \ - @` in names. */
const legal = (name: string): string => name.replace(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, '').slice(0, 200);
