/** A larger text travels as bytes: written as a JSON string it could grow past what Lambda takes. */
const MOST_TEXT = 2 ** 20;

/** A text in UTF-8 as the body of an answer. */
export const sendable = (text: Uint8Array): string | Uint8Array =>
  text.length <= MOST_TEXT ? Buffer.from(text).toString() : text;
