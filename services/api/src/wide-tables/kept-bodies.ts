import type { KeptBody } from '@granary/runtime/http/kept-body';

/** Bodies of immutable versions by name, kept as long as they fit; the one not used for the longest time goes first. */
export type KeptBodies = { get(name: string, make: () => Promise<KeptBody>): KeptBody | Promise<KeptBody> };

export const makeKeptBodies = ({ max_bytes }: { max_bytes: number }): KeptBodies => {
  const kept = new Map<string, KeptBody>();
  let bytes = 0;
  let newest: string | undefined;
  const keep = (name: string, made: KeptBody): KeptBody => {
    if (kept.has(name) || made.cost > max_bytes) return made;
    kept.set(name, made);
    newest = name;
    bytes += made.cost;
    for (const [oldest, body] of kept) {
      if (bytes <= max_bytes) break;
      kept.delete(oldest);
      bytes -= body.cost;
    }
    return made;
  };
  return {
    get(name, make) {
      const known = kept.get(name);
      if (!known) return make().then((made) => keep(name, made));
      // A Map keeps the order of insertion: the front is what has not been used for longest.
      if (name !== newest) {
        kept.delete(name);
        kept.set(name, known);
        newest = name;
      }
      return known;
    },
  };
};
