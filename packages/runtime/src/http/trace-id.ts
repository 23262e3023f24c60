import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const XRAY_ROOT = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/;
const NONE = '0'.repeat(32);

/** The caller's W3C trace id, else the one that API Gateway gave the request for X-Ray, else a new one. */
export const traceIdOf = (traceparent: string | undefined, amzn_trace_id: string | undefined): string => {
  const w3c = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  if (w3c && w3c[1] !== NONE) return w3c[1];
  const xray = amzn_trace_id === undefined ? null : XRAY_ROOT.exec(amzn_trace_id);
  return xray ? xray[1] + xray[2] : randomHex(16);
};

/** Random bytes are drawn by the page: one system call serves a hundred calls. */
let pool = '';
export const randomHex = (bytes: number): string => {
  if (pool.length < bytes * 2) pool = randomBytes(2048).toString('hex');
  const drawn = pool.slice(0, bytes * 2);
  pool = pool.slice(bytes * 2);
  return drawn;
};
