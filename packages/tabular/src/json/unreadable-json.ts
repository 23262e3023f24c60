/** The text is no JSON that can be read; the message says why. */
export class UnreadableJson extends Error {
  override name = 'UnreadableJson';
}
