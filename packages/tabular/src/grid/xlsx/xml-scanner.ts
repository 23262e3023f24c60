/**
 * Tags and texts of XML in UTF-8, found in bytes as they come: what the parts of a workbook are written in. No document
 * type, no entity but those of XML itself; whether tags are closed in their order is not looked at.
 */

/** It may be read, but not here. */
export class UnfamiliarXml extends Error {
  override name = 'UnfamiliarXml';
}

/** It is cut off, or its tags do not fit together. */
export class BrokenXml extends Error {
  override name = 'BrokenXml';
}

/** Names are without their namespace. A tag or a text lies at `from` to `to` of `bytes`, until the call returns. */
export type XmlHandler = {
  /** `from`: behind the name, where attributes begin. `empty`: the element ends here, and `close` follows. */
  open(name: string, bytes: Buffer, from: number, to: number): void;
  close(name: string): void;
  /** Character data in pieces, with `raw` for CDATA, in which nothing is escaped. */
  text(bytes: Buffer, from: number, to: number, raw: boolean): void;
};

export type XmlScanner = {
  push(chunk: Uint8Array): void;
  /** Throws BrokenXml for a document that is cut off. */
  end(): void;
};

const [LT, GT, SLASH, COLON, QUOTE, APOSTROPHE, BANG, ASK] = [60, 62, 47, 58, 34, 39, 33, 63];
const isBlank = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** Names of one letter, which nearly all tags of a sheet have. */
const LETTERS = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** Longer than any tag that a program writes. */
const LONGEST_TAG = 1 << 20;
/** A cell holds 32,767 characters. */
const LONGEST_TEXT = 1 << 22;

export const createXmlScanner = (handler: XmlHandler): XmlScanner => {
  let bytes: Buffer = Buffer.alloc(0);
  let begun = false;
  let depth = 0;

  /** The encoding stands at the beginning, in a declaration or as a mark. */
  const refuseOtherEncodings = (): void => {
    const head = bytes.toString('latin1', 0, Math.min(bytes.length, 200));
    const encoding = /^[^>]*encoding\s*=\s*["']([^"']*)/.exec(head)?.[1] ?? 'utf-8';
    if (/^(\xff\xfe|\xfe\xff|\0)/.test(head) || !/^(utf-?8|us-ascii)$/i.test(encoding))
      throw new UnfamiliarXml('it is not written in UTF-8');
  };

  /** Behind the `>` of a tag that begins at `from`; -1 when it is not there yet. A `>` in quotes ends none. */
  const tagEnd = (from: number): number => {
    let quote = 0;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (quote !== 0) {
        if (byte === quote) quote = 0;
      } else if (byte === GT) return at + 1;
      else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
    }
    return -1;
  };

  const nameOf = (from: number, to: number): string => {
    let begin = from;
    for (let at = from; at < to; at++) if (bytes[at] === COLON) begin = at + 1;
    return to - begin === 1 ? LETTERS[bytes[begin]! & 127]! : bytes.toString('latin1', begin, to);
  };

  /** Takes the tag between `from`, behind its `<`, and `to`, at its `>`. */
  const takeTag = (from: number, to: number): void => {
    if (bytes[from] === SLASH) {
      let end = to;
      while (end > from && isBlank(bytes[end - 1]!)) end--;
      depth--;
      handler.close(nameOf(from + 1, end));
      return;
    }
    let nameEnd = from;
    while (nameEnd < to && bytes[nameEnd] !== SLASH && !isBlank(bytes[nameEnd]!)) nameEnd++;
    const name = nameOf(from, nameEnd);
    const isEmpty = bytes[to - 1] === SLASH;
    handler.open(name, bytes, nameEnd, isEmpty ? to - 1 : to);
    if (isEmpty) handler.close(name);
    else depth++;
  };

  /** What begins with `<!` or `<?`: gives where it ends, or -1. */
  const takeOther = (from: number): number => {
    const endOf = (mark: string, size: number): number => {
      const at = bytes.indexOf(mark, from + size);
      return at === -1 ? -1 : at + mark.length;
    };
    if (bytes[from + 1] === ASK) return endOf('?>', 2);
    const head = bytes.toString('latin1', from, from + 9);
    if (head.startsWith('<!--')) return endOf('-->', 4);
    if (head !== '<![CDATA[') {
      if (head.length < 9) return -1;
      throw new UnfamiliarXml('it has a document type');
    }
    const end = endOf(']]>', 9);
    if (end !== -1) handler.text(bytes, from + 9, end - 3, true);
    return end;
  };

  const drain = (): void => {
    let at = 0;
    while (at < bytes.length) {
      if (bytes[at] !== LT) {
        let next = at + 1;
        while (next < bytes.length && bytes[next] !== LT) next++;
        if (next === bytes.length) break;
        handler.text(bytes, at, next, false);
        at = next;
      }
      const second = bytes[at + 1];
      const isOther = second === BANG || second === ASK;
      const end = isOther ? takeOther(at) : tagEnd(at + 1);
      if (end === -1) break;
      if (!isOther) takeTag(at + 1, end - 1);
      at = end;
    }
    bytes = bytes.subarray(at);
    if (bytes.length > (bytes[0] === LT ? LONGEST_TAG : LONGEST_TEXT))
      throw new UnfamiliarXml('a tag or a text of it does not end');
  };

  return {
    push(chunk) {
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece]);
      if (!begun) refuseOtherEncodings();
      begun = true;
      drain();
    },
    end() {
      if (depth !== 0 || bytes.toString('latin1').trim() !== '') throw new BrokenXml('it is cut off');
    },
  };
};

const NAMED: Readonly<Record<string, string>> = { quot: '"', apos: "'", gt: '>', lt: '<', amp: '&' };

/** A text with its entities, and the characters that workbooks write as `_x000D_`. */
export const xmlText = (bytes: Buffer, from: number, to: number, raw = false): string => {
  const text = bytes.toString('utf8', from, to);
  const plain =
    raw || !text.includes('&')
      ? text
      : text.replace(/&(?:(quot|apos|gt|lt|amp)|#x([\da-f]{1,6})|#(\d{1,7}));/gi, (whole, name, hex, decimal) => {
          if (name !== undefined) return NAMED[name.toLowerCase()]!;
          const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
          return code > 0x10ffff ? whole : String.fromCodePoint(code);
        });
  if (raw || !plain.includes('_x')) return plain;
  return plain.replace(/_x([\da-fA-F]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
};

/** The attributes of a tag by their names, without namespaces. */
export const attributesOf = (bytes: Buffer, from: number, to: number): Readonly<Record<string, string>> => {
  const attributes: Record<string, string> = {};
  const text = bytes.toString('utf8', from, to);
  for (const [, name, double, single] of text.matchAll(/(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const value = Buffer.from(double ?? single ?? '');
    attributes[name!] = xmlText(value, 0, value.length);
  }
  return attributes;
};
