import type { HostBudget } from '@granary/domain/ports/collecting';

/** For tests and small tools: one process. */
export const makeMemoryHostBudget = ({ now = Date.now }: { now?: () => number } = {}): HostBudget => {
  const nextSlots = new Map<string, number>();
  const blocks = new Map<string, number>();
  const keyOf = (host: string) => host.toLowerCase();
  return {
    async take(host, { requests_per_minute, within_ms }) {
      const key = keyOf(host);
      const at = Math.max(now(), nextSlots.get(key) ?? 0, blocks.get(key) ?? 0);
      if (at > now() + within_ms) return { retry_at: at };
      nextSlots.set(key, at + Math.ceil(60_000 / requests_per_minute));
      return { at };
    },
    async block(host, until) {
      blocks.set(keyOf(host), Math.max(until, blocks.get(keyOf(host)) ?? 0));
    },
    blockedUntil: async (host) => blocks.get(keyOf(host)) ?? 0,
  };
};
