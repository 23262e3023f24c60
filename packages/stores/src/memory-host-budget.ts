import type { HostBudget } from '@granary/domain/ports/collecting';
import { type Slots, takeSlots } from './host-slots.ts';

/** For tests and small tools: one process. */
export const makeMemoryHostBudget = ({ now = Date.now }: { now?: () => number } = {}): HostBudget => {
  const slots = new Map<string, Slots>();
  const blocks = new Map<string, number>();
  const keyOf = (host: string) => host.toLowerCase();
  return {
    async take(host, { within_ms, ...pace }) {
      const key = keyOf(host);
      const times = { now: now(), not_before: blocks.get(key) ?? 0 };
      const taken = takeSlots(slots.get(key) ?? [], [{ within_ms }], pace, times);
      slots.set(key, taken.slots);
      return taken.given[0]!;
    },
    async block(host, until) {
      blocks.set(keyOf(host), Math.max(until, blocks.get(keyOf(host)) ?? 0));
    },
    blockedUntil: async (host) => blocks.get(keyOf(host)) ?? 0,
  };
};
