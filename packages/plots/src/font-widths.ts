/**
 * Widths of text in a TrueType font, read from its `cmap` and `hmtx` tables (OpenType 1.9), so that labels get the room
 * they take.
 */

/** Width of a text in units of the font size: times 12 for 12 px. */
export type MeasureText = (text: string) => number;

/** @throws RangeError when the file is no TrueType font with a Unicode `cmap` of format 4. */
export const readFontWidths = (file: Uint8Array): MeasureText => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tables = new Map<string, number>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const record = 12 + i * 16;
    const tag = String.fromCharCode(...file.subarray(record, record + 4));
    tables.set(tag, view.getUint32(record + 8));
  }
  const at = (tag: string): number => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new RangeError(`the font has no table ${tag}`);
    return offset;
  };
  const unitsPerEm = view.getUint16(at('head') + 18);
  const metrics = view.getUint16(at('hhea') + 34);
  const hmtx = at('hmtx');
  const glyphOf = readCmap(view, at('cmap'));
  const widths = new Map<number, number>();
  const widthOf = (code: number): number => {
    const known = widths.get(code);
    if (known !== undefined) return known;
    // Glyphs after the last entry are as wide as it.
    const width = view.getUint16(hmtx + Math.min(glyphOf(code), metrics - 1) * 4) / unitsPerEm;
    widths.set(code, width);
    return width;
  };
  return (text) => {
    let width = 0;
    for (const character of text) width += widthOf(character.codePointAt(0) as number);
    return width;
  };
};

/** Format 4: segments of the Basic Multilingual Plane; the other planes have glyph 0, a box. */
const readCmap = (view: DataView, cmap: number): ((code: number) => number) => {
  let table = 0;
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const [platform, encoding] = [view.getUint16(cmap + 4 + i * 8), view.getUint16(cmap + 6 + i * 8)];
    const offset = cmap + view.getUint32(cmap + 8 + i * 8);
    if ((platform === 0 || (platform === 3 && encoding === 1)) && view.getUint16(offset) === 4) table = offset;
  }
  if (table === 0) throw new RangeError('the font has no cmap of format 4');
  const doubled = view.getUint16(table + 6);
  const ends = table + 14;
  const starts = ends + doubled + 2;
  const deltas = starts + doubled;
  const ranges = deltas + doubled;
  return (code) => {
    for (let i = 0; i < doubled; i += 2) {
      if (view.getUint16(ends + i) < code) continue;
      const start = view.getUint16(starts + i);
      if (start > code) return 0;
      const range = view.getUint16(ranges + i);
      const delta = view.getUint16(deltas + i);
      if (range === 0) return (code + delta) & 0xffff;
      const glyph = view.getUint16(ranges + i + range + (code - start) * 2);
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
};
