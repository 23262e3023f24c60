/**
 * What a user may name a trace by: X-Ray's id or header, W3C's id or `traceparent`, else something that log lines hold.
 */
export type Named = { trace: string } | { search: string };

const XRAY = /^(?:.*Root=)?1-([0-9a-f]{8})-([0-9a-f]{24})(?:;.*)?$/;
const W3C = /^(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/;
/** Ids of requests, runs and messages. It is searched for as it stands, so it may not hold what ends a quoted term. */
const OTHER = /^[\w.:=@+/-]{6,128}$/;

/** Throws a RangeError that says what an id may be. */
export const readId = (text: string): Named => {
  const id = text.trim();
  const xray = XRAY.exec(id.toLowerCase().replace('root=', 'Root='));
  if (xray) return { trace: xray[1]! + xray[2]! };
  const w3c = W3C.exec(id.toLowerCase());
  if (w3c) return { trace: w3c[1]! };
  if (OTHER.test(id)) return { search: id };
  throw new RangeError(
    `'${text}' is no id: give the X-Request-Id or traceparent of an answer, the id of a run, or a trace id of X-Ray or W3C.`,
  );
};

/** X-Ray's spelling of W3C's. */
export const xrayIdOf = (trace: string): string => `1-${trace.slice(0, 8)}-${trace.slice(8)}`;
