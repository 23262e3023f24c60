/** Reads Parquet's hybrid of run lengths and bit packing. */

const cut = (): RangeError => new RangeError('a page of the Parquet file is cut off');

/**
 * Reads `count` values of `width` bits (up to 24) from `at` on into `target`; the last packed run is filled up to
 * eight. Throws RangeError where the bytes end too soon.
 */
export const readHybrid = (
  bytes: Uint8Array,
  at: number,
  end: number,
  width: number,
  count: number,
  target: Int32Array | Uint8Array,
): void => {
  if (width > 24) throw new RangeError(`levels of ${width} bits are not ours`);
  const mask = (1 << width) - 1;
  let from = at;
  let done = 0;
  while (done < count) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (from >= end || shift > 28) throw cut();
      const byte = bytes[from++];
      head |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if ((head & 1) === 0) {
      const size = (width + 7) >> 3;
      if (from + size > end) throw cut();
      let value = 0;
      for (let i = 0; i < size; i++) value |= bytes[from++] << (8 * i);
      const to = done + (head >>> 1);
      if (to === done || to > count) throw cut();
      target.fill(value, done, to);
      done = to;
      continue;
    }
    const to = Math.min(count, done + (head >>> 1) * 8);
    const next = from + (head >>> 1) * width;
    if (to === done || next > end || done + (head >>> 1) * 8 - count > 7) throw cut();
    let pending = 0;
    let bits = 0;
    for (; done < to; done++) {
      while (bits < width) {
        pending |= bytes[from++] << bits;
        bits += 8;
      }
      target[done] = pending & mask;
      pending >>>= width;
      bits -= width;
    }
    from = next;
  }
};
