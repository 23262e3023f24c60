/** The longest text that a label may be; axes and legends cut at fewer pixels anyway. */
const LONGEST = 200;

/**
 * A text from data made fit for an SVG: XML 1.0 has no way to write control characters, lone surrogates, U+FFFE and
 * U+FFFF; white space is collapsed. Vega looks texts up in plain objects, so names that every object has
 * (`constructor`, `__proto__`) get a word joiner, which nobody sees.
 */
export const plainText = (text: string, longest = LONGEST): string => {
  const plain = text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g, '\ufffd')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = plain.length > longest ? Array.from(plain) : [];
  const short = characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : plain;
  return short in Object.prototype ? `\u2060${short}` : short;
};

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
