/**
 * When a `Retry-After` field allows the next request, in ms since the epoch: seconds or an HTTP date (RFC 9110,
 * 10.2.3). Without one, or with one that says nothing, `fallback_s` from now; never longer than a day, whatever a
 * source writes.
 */
export const retryAfter = (value: string | null | undefined, now: number, fallback_s = 30): number => {
  const text = value?.trim() ?? '';
  // Date.parse takes `-5` for a month; every form of an HTTP date has letters.
  const at = /^\d+$/.test(text) ? now + Number(text) * 1000 : /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  const known = Number.isFinite(at) ? at : now + fallback_s * 1000;
  return Math.min(Math.max(known, now), now + 86_400_000);
};
