import type { ReadBudget } from '@granary/domain/ports/unmasked-reads';

/** For tests: counts what is read in this process. */
export const makeMemoryReadBudget = (now: () => number = Date.now): ReadBudget => {
  const read = new Map<string, number>();
  return {
    take: async (sub, users, most) => {
      const key = `${Math.floor(now() / 86_400_000)} ${sub}`;
      const before = read.get(key) ?? 0;
      if (before + users > most) return false;
      read.set(key, before + users);
      return true;
    },
  };
};
