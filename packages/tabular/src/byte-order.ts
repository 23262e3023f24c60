/**
 * Order of two texts by their bytes, as Parquet has it: less than, equal to or more than zero. What they have in common
 * at the beginning is passed over four bytes at a time. A call out of the engine would cost more.
 */
export const compareBytes = (
  a: DataView,
  aFrom: number,
  aTo: number,
  b: DataView,
  bFrom: number,
  bTo: number,
): number => {
  const size = Math.min(aTo - aFrom, bTo - bFrom);
  let at = 0;
  while (at + 4 <= size && a.getInt32(aFrom + at, true) === b.getInt32(bFrom + at, true)) at += 4;
  for (; at < size; at++) {
    const difference = a.getUint8(aFrom + at) - b.getUint8(bFrom + at);
    if (difference !== 0) return difference;
  }
  return aTo - aFrom - (bTo - bFrom);
};
