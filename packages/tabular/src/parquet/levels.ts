/** Parquet's hybrid of run lengths and bit packing. */

const putVarint = (target: Uint8Array, at: number, value: number): number => {
  let rest = value;
  let to = at;
  while (rest > 127) {
    target[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[to++] = rest;
  return to;
};

/** Bits that hold the numbers 0 to `count - 1`; at least one. */
export const bitWidth = (count: number): number => Math.max(1, 32 - Math.clz32(count - 1));

/** Bytes that `packBits` may need. */
export const packedSize = (count: number, width: number): number => ((count + 7) >> 3) * width + 16;

/** Writes `count` values of `width` bits as one bit-packed run at `at`; gives the end. Up to 24 bits. */
export const packBits = (
  values: Int32Array | Uint8Array,
  count: number,
  width: number,
  target: Uint8Array,
  at: number,
): number => {
  const groups = (count + 7) >> 3;
  const start = putVarint(target, at, groups * 2 + 1);
  const end = start + groups * width;
  let to = start;
  let pending = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    pending |= values[i] << bits;
    bits += width;
    while (bits >= 8) {
      target[to++] = pending;
      pending >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) target[to++] = pending;
  target.fill(0, to, end);
  return end;
};

/** Writes `count` times one value of at most 8 bits as one run at `at`; gives the end. */
export const packRun = (value: number, count: number, target: Uint8Array, at: number): number => {
  const to = putVarint(target, at, count * 2);
  target[to] = value;
  return to + 1;
};
