import type { HostBudget } from '@granary/domain/ports/collecting';
import { type Blocked, blockedBy } from './host-blocks.ts';
import { type Slots, takeSlots } from './host-slots.ts';

/** For tests and small tools: one process. */
export const makeMemoryHostBudget = ({ now = Date.now }: { now?: () => number } = {}): HostBudget => {
  const slots = new Map<string, Slots>();
  const blocks = new Map<string, Blocked>();
  const delays = new Map<string, number>();
  const lines = new Map<string, number>();
  const keyOf = (host: string) => host.toLowerCase();
  return {
    async take(host, { within_ms, ...pace }) {
      const key = keyOf(host);
      const delay_ms = delays.get(key) ?? 0;
      const times = { now: now(), not_before: blocks.get(key)?.until ?? 0, delay_ms, line: lines.get(key) ?? 0 };
      const taken = takeSlots(slots.get(key) ?? [], [{ within_ms }], pace, times);
      slots.set(key, taken.slots);
      lines.set(key, taken.line);
      const slot = taken.given[0]!;
      if ('retry_at' in slot) return slot;
      const isAfter = (blocks.get(key)?.wait_ms ?? 0) > 0;
      return { ...slot, ...(isAfter && { after_refusal: true as const }), ...(delay_ms > 0 && { delay_ms }) };
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
    async setDelay(host, delay_ms) {
      delays.set(keyOf(host), delay_ms);
    },
    blockedUntil: async (host) => blocks.get(keyOf(host))?.until ?? 0,
  };
};
