/** Small tools that the benchmarks share. */

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Measures each contender `rounds` times, one after the other in every round, so that a slow moment of the machine
 * meets all of them; gives the medians by name.
 */
export const interleaved = async <Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<Record<Name, number>> => {
  const names = Object.keys(contenders) as Name[];
  const measured = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) measured.get(name)?.push(await contenders[name]());
  }
  return Object.fromEntries([...measured].map(([name, values]) => [name, median(values)])) as Record<Name, number>;
};

/** The largest number of requests of which each began after the one before had ended. */
export const longestChain = (requests: readonly { begun: number; ended: number }[]): number => {
  let [chain, last] = [0, -Infinity];
  for (const { begun, ended } of [...requests].sort((a, b) => a.ended - b.ended)) {
    if (begun < last) continue;
    chain++;
    last = ended;
  }
  return chain;
};
