import type { HostBudget } from '@granary/domain/ports/collecting';
import { type Blocked, blockedBy } from './host-blocks.ts';
import { type Slots, takeSlots } from './host-slots.ts';

/** For tests and small tools: one process. */
export const makeMemoryHostBudget = ({ now = Date.now }: { now?: () => number } = {}): HostBudget => {
  const slots = new Map<string, Slots>();
  const blocks = new Map<string, Blocked>();
  const keyOf = (host: string) => host.toLowerCase();
  return {
    async take(host, { within_ms, ...pace }) {
      const key = keyOf(host);
      const times = { now: now(), not_before: blocks.get(key)?.until ?? 0 };
      const taken = takeSlots(slots.get(key) ?? [], [{ within_ms }], pace, times);
      slots.set(key, taken.slots);
      const slot = taken.given[0]!;
      return 'at' in slot && (blocks.get(key)?.wait_ms ?? 0) > 0 ? { ...slot, after_refusal: true } : slot;
    },
    async block(host, until) {
      const blocked = blockedBy(blocks.get(keyOf(host)) ?? null, until, now());
      blocks.set(keyOf(host), blocked);
      return blocked.until;
    },
    async answered(host) {
      const blocked = blocks.get(keyOf(host));
      if (blocked && blocked.until <= now()) blocks.set(keyOf(host), { ...blocked, wait_ms: 0 });
    },
    blockedUntil: async (host) => blocks.get(keyOf(host))?.until ?? 0,
  };
};
