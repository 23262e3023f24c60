import { createRequire } from 'node:module';

type Iterator = { close(): Promise<void>; return?: () => Promise<void> };

/**
 * dynalite ends what it reads with by `iterator.return()`, which LevelDB's iterators lost in a version that it was
 * never told of. So every Query and Scan left an iterator open, with all that it had read ahead: 34 kB for a page of
 * datasets, 92 kB for one of users, for ever.
 */
export const closeIterators = (): void => {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const ofLevel = createRequire(createRequire(ofDynalite.resolve('level')).resolve('abstract-level'));
  const { AbstractKeyIterator, AbstractValueIterator } = ofLevel('abstract-level') as Record<
    string,
    { prototype: Iterator }
  >;
  for (const { prototype } of [AbstractKeyIterator!, AbstractValueIterator!])
    prototype.return = function close(this: Iterator) {
      return this.close();
    };
};
