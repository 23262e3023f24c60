import { header, type Request } from './http/call.ts';

/** A piece of work shown as a subsegment in X-Ray. */
export type Span = { close(error?: unknown): void };
type OpenSpan = (name: string) => Span;

let loading: Promise<OpenSpan> | undefined;

/** Powertools' tracer costs 26 ms to load and half again on every call, so it comes with the first sampled request. */
const loadTracer = (service: string): Promise<OpenSpan> => {
  loading ??= import('@aws-lambda-powertools/tracer').then(({ Tracer }) => {
    const tracer = new Tracer({ serviceName: service, enabled: true });
    return (name) => {
      const parent = tracer.getSegment();
      const segment = parent?.addNewSubsegment(name);
      if (segment) tracer.setSegment(segment);
      tracer.annotateColdStart();
      tracer.addServiceNameAnnotation();
      return {
        close(error) {
          if (error !== undefined) tracer.addErrorAsMetadata(error as Error);
          segment?.close();
          if (parent) tracer.setSegment(parent);
        },
      };
    };
  });
  return loading;
};

/** Opens a span when tracing is on and X-Ray chose this invocation; otherwise nothing is loaded. */
export const openSpan = async (
  service: string,
  name: string,
  amzn_trace_id: string | undefined,
): Promise<Span | undefined> => {
  if (!amzn_trace_id?.includes('Sampled=1')) return undefined;
  const open = await loadTracer(service);
  return open(name);
};

/** The middleware: one span around an endpoint. */
export const trace = (service: string, name: string) => {
  const spans = new WeakMap<object, Span>();
  return {
    before: async ({ event }: Request): Promise<void> => {
      const span = await openSpan(service, `## ${name}`, header(event, 'X-Amzn-Trace-Id'));
      if (span) spans.set(event, span);
    },
    after: ({ event }: Request): void => spans.get(event)?.close(),
    onError: ({ event, error }: Request): void => spans.get(event)?.close(error),
  };
};
