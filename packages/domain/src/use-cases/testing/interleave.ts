/**
 * For tests: runs workers side by side so that one seed always gives one order. Every call of a store waits at a gate
 * before and after it takes effect; when all workers wait, one of them is let through. Some orders change worker at
 * every call, in others one worker does nearly all of its work while the other stands still in the middle of its own.
 */
export const interleave = async (
  workers: readonly ((gate: () => Promise<void>) => Promise<unknown>)[],
  random: () => number,
): Promise<PromiseSettledResult<unknown>[]> => {
  /** A worker that does several things at once waits for each of them, and is let through with all. */
  const waiting = new Map<number, (() => void)[]>();
  const patience = random();
  let live = workers.length;
  let last = -1;
  const step = (): void => {
    if (waiting.size === 0 || waiting.size < live) return;
    const stay = waiting.has(last) && random() < patience;
    const order = [...waiting.keys()].sort((a, b) => a - b);
    const worker = stay ? last : order[Math.floor(random() * order.length)]!;
    const gates = waiting.get(worker)!;
    waiting.delete(worker);
    last = worker;
    for (const go of gates) go();
  };
  const gateOf = (worker: number) => () =>
    new Promise<void>((resolve) => {
      waiting.set(worker, [...(waiting.get(worker) ?? []), resolve]);
      step();
    });
  return Promise.allSettled(
    workers.map((work, worker) =>
      work(gateOf(worker)).finally(() => {
        live -= 1;
        step();
      }),
    ),
  );
};

/** The same object, each of whose methods passes the gate before and after. */
export const gated = <Store extends object>(store: Store, gate: () => Promise<void>): Store =>
  new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await gate();
        try {
          return await method.apply(target, args);
        } finally {
          await gate();
        }
      };
    },
  });
