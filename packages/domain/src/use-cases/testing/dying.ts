/** For tests: a process that dies. */
export class Died extends Error {}

const WRITES = new Set([
  ...['describeDataset', 'reserve', 'takeOver', 'commit', 'decide', 'advance', 'checked', 'gone', 'putResource'],
  ...['put', 'putNew', 'putFile', 'copy', 'delete', 'write', 'putTable'],
  ...['start', 'markSent', 'extendLease', 'endPart', 'mendPart', 'addRequests', 'settle', 'send', 'take', 'block'],
  ...['listed', 'goneIn', 'decide', 'claimAddress'],
  ...['claimAnnouncement', 'status', 'markAnnounced', 'changeVisibility'],
]);

/**
 * Stores of a process that dies at its n-th write (from 1): just before it takes effect, or just after. From then on
 * nothing of it works any more. `writes()` says how many there were.
 */
export const makeDying = (n: number, when: 'before' | 'after') => {
  let writes = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Died(`at write ${n}`);
  };
  const dying = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          if (dead) die();
          const last = WRITES.has(String(name)) && ++writes === n;
          if (last && when === 'before') die();
          const result = await method.apply(target, args);
          if (last) die();
          return result;
        };
      },
    });
  return { dying, writes: () => writes };
};
