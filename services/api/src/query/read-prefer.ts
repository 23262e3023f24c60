/** No longer than this is waited, in seconds: API Gateway gives up after 29. */
export const LONGEST_WAIT_S = 20;

export type Preference = {
  /** How long to wait for the end of a query, in seconds. Undefined: not to wait, and not even to look. */
  wait_s: number | undefined;
  /** Preference-Applied (RFC 7240, 3), by whether the end came. */
  applied: (ended: boolean) => Readonly<Record<string, string>>;
};

/**
 * `Prefer: respond-async` and `Prefer: wait=<seconds>` (RFC 7240, 4.1 and 4.3). Both: the answer comes when that time
 * is over. What cannot be read is no preference.
 */
export const readPrefer = (header: string | undefined, usual_s: number): Preference => {
  let isAsync = false;
  let asked: number | undefined;
  for (const part of (header ?? '').slice(0, 1000).split(',')) {
    const [name, value] = part.split(';')[0].split('=');
    const token = name.trim().toLowerCase();
    if (token === 'respond-async') isAsync = true;
    const seconds = (value ?? '').trim().replace(/^"(.*)"$/, '$1');
    // The first of a name counts (RFC 7240, 2).
    if (token === 'wait' && /^\d{1,9}$/.test(seconds)) asked ??= Math.min(Number(seconds), LONGEST_WAIT_S);
  }
  return {
    wait_s: asked ?? (isAsync ? undefined : usual_s),
    applied: (ended): Readonly<Record<string, string>> => {
      const waited = asked === undefined ? [] : [`wait=${asked}`];
      const named = isAsync && !ended ? ['respond-async', ...waited] : waited;
      return named.length === 0 ? {} : { 'Preference-Applied': named.join(', ') };
    },
  };
};
