import type { Tracer } from '@aws-lambda-powertools/tracer';
import type { Logger } from './logger.ts';

/** A piece of work shown as a subsegment of the function in X-Ray. */
export type Span = {
  /** Sends it. Never throws. */
  close(outcome?: { error?: unknown }): void;
};

/** Makes an AWS client show each of its calls in X-Ray; the identity when tracing is off. */
export type Capture = <Client extends object>(client: Client) => Client;

export type Tracing = {
  /** Begins a subsegment, by which clients' calls stand until it is closed. X-Ray's own header says whether it is kept. */
  open(name: string, annotations?: Readonly<Record<string, string>>): Span | undefined;
  capture: Capture;
};

export const uncaptured: Capture = (client) => client;

/** `169.254.79.129:2000`, or `tcp:… udp:…`: the X-Ray SDK throws for anything else, some of it out of the calls of AWS clients. */
const DAEMON = /^(?:[\w.-]+:[1-9]\d{0,4}|(?:(?:tcp|udp):[\w.-]+:[1-9]\d{0,4} ?){2})$/;

/** Whether an environment is to be traced: TRACING is `true`, and Lambda says where its X-Ray daemon is. */
export const isTraced = ({ TRACING, AWS_XRAY_DAEMON_ADDRESS }: Readonly<Record<string, string | undefined>>): boolean =>
  TRACING === 'true' && DAEMON.test(AWS_XRAY_DAEMON_ADDRESS ?? '');

/**
 * Powertools' Tracer. Loaded only here and only when tracing is on: it takes 26 ms to load, and follows every promise of the process from then
 * on (docs/adr/0004). A tracer that cannot be loaded is logged and done without.
 */
export const loadTracing = async (service: string, log: Logger): Promise<Tracing | undefined> => {
  try {
    const { Tracer } = await import('@aws-lambda-powertools/tracer');
    // Its HTTP capture would put a trace header on requests to the sources, and patch what pins their addresses.
    const tracer = new Tracer({ serviceName: service, captureHTTPsRequests: false });
    // An invocation without a trace header is not traced; the X-Ray SDK would log each.
    tracer.provider.setContextMissingStrategy('IGNORE_ERROR');
    return tracingBy(tracer);
  } catch (error) {
    log.warn('tracing is off: its library did not load', { error });
    return undefined;
  }
};

const tracingBy = (tracer: Tracer): Tracing => ({
  open(name, annotations = {}) {
    const segment = tracer.getSegment();
    if (!tracer.isTracingEnabled() || segment === undefined) return undefined;
    const subsegment = segment.addNewSubsegment(legal(`## ${name}`));
    tracer.setSegment(subsegment);
    tracer.annotateColdStart();
    tracer.addServiceNameAnnotation();
    for (const key in annotations) tracer.putAnnotation(key, annotations[key]);
    return {
      close({ error } = {}) {
        try {
          if (error !== undefined) subsegment.addError(error instanceof Error ? error : String(error));
          subsegment.close();
          tracer.setSegment(segment);
        } catch {
          // A trace that is lost must not cost an answer.
        }
      },
    };
  },
  capture: (client) => tracer.captureAWSv3Client(client),
});

/** X-Ray takes letters, digits, white space and `_ . : / % & # = + \ - @` in names. */
const legal = (name: string): string => name.replace(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, '').slice(0, 200);
