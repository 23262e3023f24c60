/** Reads or writes at a time: DynamoDB would throttle thousands at once. */
const AT_ONCE = 25;

/** What `work` gives for each of `all`, in their order; throws what it throws, without beginning the next batch. */
export const inBatches = async <One, Found>(
  all: readonly One[],
  work: (one: One) => Promise<Found>,
): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (let first = 0; first < all.length; first += AT_ONCE)
    found.push(...(await Promise.all(all.slice(first, first + AT_ONCE).map(work))));
  return found;
};
