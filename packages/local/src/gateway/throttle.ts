/**
 * A token bucket for each route, as API Gateway throttles each method of a stage: `rate` requests a second, `burst` at
 * once. Returns 0 when the request may pass, else how many seconds to wait.
 */
export const makeThrottle = (options: { rate: number; burst: number; now?: () => number }) => {
  const { rate, burst, now = Date.now } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (route: string): number => {
    const at = now();
    const bucket = buckets.get(route) ?? { tokens: burst, at };
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * rate);
    if (tokens >= 1) {
      buckets.set(route, { tokens: tokens - 1, at });
      return 0;
    }
    buckets.set(route, { tokens, at });
    return Math.ceil((1 - tokens) / rate);
  };
};
