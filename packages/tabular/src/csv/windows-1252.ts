/** Text of the code page that Windows uses in Western Europe and in Brazil. */

/** The characters of bytes 0x80–0x9f in windows-1252; the five unassigned ones stand for themselves. */
const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOfC1 = new Map([...C1].map((character, index) => [character, String.fromCharCode(0x80 + index)]));

const c1Range = /[\u0080-\u009f]/g;

/** The same by a string that has a character for each byte. */
export const windows1252OfLatin1 = (latin1: string): string =>
  latin1.replace(c1Range, (character) => C1[character.charCodeAt(0) - 0x80]);

/** Decodes windows-1252. Not by TextDecoder: some versions of Node decode that label as plain latin-1. */
export const decodeWindows1252 = (bytes: Uint8Array): string =>
  windows1252OfLatin1(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));

/** The bytes, one per character, that a run of text has in windows-1252; null when it has none. */
export const toWindows1252 = (run: string): string | null => {
  let bytes = '';
  for (const character of run) {
    const byte = byteOfC1.get(character) ?? (character <= 'ÿ' ? character : null);
    if (byte === null) return null;
    bytes += byte;
  }
  return bytes;
};
