import { GranaryError } from '@granary/domain/errors';
import { openSpan, type Span, type XRay } from '../xray.ts';
import type { Request } from './call.ts';

/** One span around an endpoint, when X-Ray chose the call. A caller's mistake is not a fault. */
export const trace = (xray: XRay, name: string) => {
  const spans = new WeakMap<object, Span>();
  return {
    before: ({ event }: Request): void => {
      const span = openSpan(xray, `## ${name}`);
      if (span) spans.set(event, span);
    },
    after: ({ event }: Request): Promise<void> | undefined => spans.get(event)?.close({ annotations: { route: name } }),
    onError: ({ event, error }: Request): Promise<void> | undefined => {
      const isFault = !(error instanceof GranaryError) || error.status >= 500;
      return spans.get(event)?.close({ annotations: { route: name }, ...(isFault ? { error } : {}) });
    },
  };
};
