import { randomHex } from './http/trace-id.ts';

/** Where Lambda's X-Ray daemon listens, and the trace of the present invocation. */
export type XRay = { daemon_address: string; trace_header: () => string | undefined };

/** A piece of work shown as a subsegment of the function in X-Ray. */
export type Span = {
  /** Sends it. Resolves when it is on its way: Lambda freezes what goes on after the answer. Never rejects. */
  close(outcome?: {
    error?: unknown;
    annotations?: Readonly<Record<string, string | number | boolean>>;
  }): Promise<void>;
};

/** The X-Ray of an environment: none unless TRACING is `true` and Lambda says where its daemon is. */
export const xrayOf = (environment: Readonly<Record<string, string | undefined>>): XRay | undefined => {
  const daemon_address = environment.AWS_XRAY_DAEMON_ADDRESS;
  if (environment.TRACING !== 'true' || !daemon_address) return undefined;
  // Lambda sets it anew before each invocation.
  return { daemon_address, trace_header: () => environment._X_AMZN_TRACE_ID };
};

const HEADER = '{"format":"json","version":1}\n';

/**
 * Begins a subsegment, unless X-Ray did not choose this invocation. Written against the daemon's own protocol because the X-Ray SDK takes
 * 26 ms to load, and half again on every call by its context tracking (docs/performance); this loads `node:dgram`, when it is used.
 * Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
export const openSpan = (xray: XRay | undefined, name: string, now: () => number = Date.now): Span | undefined => {
  const trace = xray && sampledTrace(xray.trace_header());
  if (!trace) return undefined;
  const subsegment = { type: 'subsegment', id: randomHex(8), ...trace, name: legal(name), start_time: now() / 1000 };
  return {
    async close({ error, annotations } = {}) {
      const failed = error === undefined ? {} : { fault: true, cause: { exceptions: [exceptionOf(error)] } };
      const document = JSON.stringify({ ...subsegment, end_time: now() / 1000, annotations, ...failed });
      await send(xray.daemon_address, HEADER + document);
    },
  };
};

const sampledTrace = (header: string | undefined): { trace_id: string; parent_id: string } | undefined => {
  const fields = new Map(header?.split(';').map((field) => field.split('=') as [string, string]));
  const [trace_id, parent_id] = [fields.get('Root'), fields.get('Parent')];
  return fields.get('Sampled') === '1' && trace_id && parent_id ? { trace_id, parent_id } : undefined;
};

/** X-Ray takes letters, digits, white space and `_ . : / % & # = + \ - @` in names. */
const legal = (name: string): string => name.replace(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, '').slice(0, 200);

const exceptionOf = (error: unknown) => ({
  id: randomHex(8),
  type: error instanceof Error ? error.name : typeof error,
  message: error instanceof Error ? error.message : '',
});

/** How long a datagram may take to leave, in milliseconds: the daemon is on the same machine. */
const SEND_WITHIN = 100;

/** `169.254.79.129:2000`, or `tcp:… udp:…`. A trace that is lost must not cost an answer. */
const send = async (address: string, text: string): Promise<void> => {
  const [host, port] = (/udp:(\S+)/.exec(address)?.[1] ?? address).split(':');
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4').unref();
  await new Promise<void>((resolve) => {
    setTimeout(resolve, SEND_WITHIN).unref();
    socket.on('error', () => resolve());
    try {
      socket.send(text, Number(port), host, () => resolve());
    } catch {
      resolve();
    }
  });
  socket.close();
};
