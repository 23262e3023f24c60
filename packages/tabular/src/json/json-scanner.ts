/** JSON of any size, byte by byte: finds values in it, and holds no more of it than the one that is taken. */
import { UnreadableJson } from './unreadable-json.ts';

export type ValueKind = 'object' | 'array' | 'text' | 'other';
/** Names and positions (from 0) from the outermost value on; empty for that value. Valid during the call. */
export type JsonPlace = readonly (string | number)[];

export type JsonVisitor = {
  /**
   * What is done with a value that begins: look at its members, pass over it, or take its text. Only the members of
   * values that are entered are asked about. Text and other scalars cannot be entered.
   */
  at(place: JsonPlace, kind: ValueKind): 'enter' | 'skip' | 'take';
  /** The text of a value that was to be taken, in UTF-8. Its memory may be used again after the call. */
  taken?(text: Buffer, place: JsonPlace): void;
};

/** A value that is taken is held in memory. */
export const MOST_TAKEN = 16_777_216;
const MOST_NAME = 65_536;
const MOST_ENTERED = 100;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Also the mark before each record of a JSON text sequence (RFC 7464). */
const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1e;
const isScalar = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  byte === 0x2d ||
  byte === 0x2b ||
  byte === 0x2e;

type Expected = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'done';
type Inside = 'nothing' | 'name' | 'nested' | 'text' | 'scalar';

/**
 * Reads one document, or with `many` any number of them, one after the other. What is entered must be well-formed; of
 * what is passed over or taken, only the brackets and quotes are looked at. `push` and `end` throw UnreadableJson.
 */
export const createJsonScanner = (
  visitor: JsonVisitor,
  { many = false }: { many?: boolean } = {},
): { push(chunk: Uint8Array): void; end(): void; readonly documents: number } => {
  const place: (string | number)[] = [];
  const objects: boolean[] = [];
  let expected: Expected = 'value';
  let inside: Inside = 'nothing';
  let [depth, inText, escaped] = [0, false, false];
  /** Of a name, or of the value that is taken: what came in chunks before, and where it begins in this one. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  let from = -1;
  let documents = 0;
  let offset = 0;

  const wrong = (byte: number, at: number): UnreadableJson => {
    const sign = byte >= 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `the byte ${byte}`;
    const where = `byte ${offset + at + 1}`;
    if (expected === 'done') return new UnreadableJson(`${sign} stands behind the end of the JSON, at ${where}`);
    return new UnreadableJson(`it is not well-formed JSON: ${sign} at ${where}`);
  };

  /** The bytes of what ends before `to`. */
  const heldText = (chunk: Buffer, to: number): Buffer => {
    const last = chunk.subarray(from, to);
    const text = held.length === 0 ? last : Buffer.concat([...held, last]);
    [held, heldBytes, from] = [[], 0, -1];
    return text;
  };

  const ended = (): void => {
    expected = objects.length === 0 ? 'done' : 'comma-or-end';
  };

  const begin = (byte: number, at: number): void => {
    if (objects.length === 0) documents++;
    const kind: ValueKind =
      byte === OPEN_OBJECT ? 'object' : byte === OPEN_ARRAY ? 'array' : byte === QUOTE ? 'text' : 'other';
    const what = visitor.at(place, kind);
    if (what === 'take') from = at;
    if (kind === 'text') inside = 'text';
    else if (kind === 'other') inside = 'scalar';
    else if (what === 'enter') {
      if (objects.length === MOST_ENTERED) throw new UnreadableJson(`it is nested deeper than ${MOST_ENTERED} levels`);
      objects.push(kind === 'object');
      place.push(kind === 'object' ? '' : 0);
      expected = kind === 'object' ? 'name-or-end' : 'value-or-end';
      return;
    } else [inside, depth] = ['nested', 0];
    escaped = false;
  };

  const leave = (): void => {
    objects.pop();
    place.pop();
    ended();
  };

  /** One byte that is not inside of anything. Gives whether it belongs to what begins there. */
  const step = (byte: number, at: number): boolean => {
    if (isBlank(byte)) return false;
    const inObject = objects.at(-1);
    switch (expected) {
      case 'done':
        if (!many) throw wrong(byte, at);
        expected = 'value';
        return step(byte, at);
      case 'value-or-end':
        if (byte === CLOSE_ARRAY) {
          leave();
          return false;
        }
        expected = 'value';
        return step(byte, at);
      case 'value':
        if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY && byte !== QUOTE && !isScalar(byte)) throw wrong(byte, at);
        begin(byte, at);
        return inside === 'nested' || inside === 'scalar';
      case 'name-or-end':
      case 'name':
        if (byte === CLOSE_OBJECT && expected === 'name-or-end') leave();
        else if (byte === QUOTE) [inside, from, escaped] = ['name', at, false];
        else throw wrong(byte, at);
        return false;
      case 'colon':
        if (byte !== COLON) throw wrong(byte, at);
        expected = 'value';
        return false;
      case 'comma-or-end':
        if (byte === COMMA) {
          expected = inObject ? 'name' : 'value';
          if (!inObject) (place[place.length - 1] as number) += 1;
        } else if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) leave();
        else throw wrong(byte, at);
        return false;
    }
  };

  const finish = (chunk: Buffer, to: number): void => {
    inside = 'nothing';
    if (from >= 0 || held.length > 0) visitor.taken?.(heldText(chunk, to), place);
    ended();
  };

  const nested = (chunk: Buffer, begun: number): number => {
    let at = begun;
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) {
        finish(chunk, at + 1);
        return at + 1;
      }
    }
    return at;
  };

  /** Up to the quote that ends a text or a name. */
  const text = (chunk: Buffer, begun: number): number => {
    for (let at = begun; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        if (inside === 'text') finish(chunk, at + 1);
        else {
          inside = 'nothing';
          place[place.length - 1] = nameOf(heldText(chunk, at + 1));
          expected = 'colon';
        }
        return at + 1;
      }
    }
    return chunk.length;
  };

  const scalar = (chunk: Buffer, begun: number): number => {
    let at = begun;
    while (at < chunk.length && isScalar(chunk[at]!)) at++;
    if (at < chunk.length) finish(chunk, at);
    return at;
  };

  const keep = (chunk: Buffer): void => {
    if (from < 0 && held.length === 0) return;
    const piece = Buffer.from(chunk.subarray(Math.max(from, 0)));
    from = 0;
    held.push(piece);
    heldBytes += piece.length;
    if (inside === 'name' && heldBytes > MOST_NAME) throw new UnreadableJson(`a name has more than ${MOST_NAME} bytes`);
    if (heldBytes > MOST_TAKEN) throw new UnreadableJson(`one record has more than ${MOST_TAKEN} bytes`);
  };

  return {
    get documents() {
      return documents;
    },
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      // A byte order mark, which JSON may not have and some files do.
      while (offset + at < 3 && at < chunk.length && chunk[at] === [0xef, 0xbb, 0xbf][offset + at]) at++;
      while (at < chunk.length) {
        if (inside === 'nested') at = nested(chunk, at);
        else if (inside === 'scalar') at = scalar(chunk, at);
        else if (inside !== 'nothing') at = text(chunk, at);
        else if (!step(chunk[at]!, at)) at++;
      }
      if (inside !== 'nothing') keep(chunk);
      offset += chunk.length;
    },
    end() {
      if (inside === 'scalar' && objects.length === 0) finish(Buffer.alloc(0), 0);
      if (documents === 0) throw new UnreadableJson('it holds nothing but white space');
      if (expected !== 'done' || inside !== 'nothing')
        throw new UnreadableJson('it ends in the middle: it was cut short');
    },
  };
};

const nameOf = (text: Buffer): string => {
  try {
    return JSON.parse(text.toString());
  } catch {
    throw new UnreadableJson(`${text.subarray(0, 100)} is no name`);
  }
};
