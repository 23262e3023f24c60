import { GranaryError } from '@granary/domain/errors';
import type { Span, Tracing } from '../tracing.ts';
import type { Request } from './call.ts';

/** One span around an endpoint. A caller's mistake is not a fault. */
export const trace = (tracing: Tracing, route: string) => {
  const spans = new WeakMap<object, Span>();
  return {
    before: ({ event }: Request): void => {
      const span = tracing.open(route, { route });
      if (span) spans.set(event, span);
    },
    after: ({ event }: Request): void => spans.get(event)?.close(),
    onError: ({ event, error }: Request): void => {
      const isFault = !(error instanceof GranaryError) || error.status >= 500;
      spans.get(event)?.close(isFault ? { error } : {});
    },
  };
};
