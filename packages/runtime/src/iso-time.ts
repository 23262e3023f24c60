let second = Number.NaN;
let text = '';

/**
 * `2026-11-20T12:00:00.000Z` of milliseconds since the epoch. Lines of one second share all but three digits, so the
 * rest is kept.
 */
export const isoTime = (ms: number): string => {
  const now = Math.floor(ms / 1000);
  if (now !== second) {
    text = new Date(now * 1000).toISOString().slice(0, -4);
    second = now;
  }
  return `${text}${String(Math.floor(ms - now * 1000)).padStart(3, '0')}Z`;
};
