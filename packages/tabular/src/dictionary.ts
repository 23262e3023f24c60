/** Distinct strings of a column by code: kept as strings, or as UTF-8 bytes that never become strings. */
import type { Dictionary } from './table.ts';

/** By four bytes at a time, the last four overlapping those before. */
const hashOf = (source: Uint8Array, words: DataView, from: number, to: number): number => {
  let hash = to - from;
  if (hash < 4) for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i], 0x01000193);
  else {
    const last = to - 4;
    for (let i = from; i < last; i += 4) {
      hash = Math.imul(hash ^ words.getInt32(i, true), 0x9e3779b1 | 0);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ words.getInt32(last, true), 0x85ebca6b | 0);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 16);
};

/**
 * Strings in the layout of a Parquet page with PLAIN encoding (length in four bytes, then UTF-8), so that the
 * dictionary of a column is its dictionary page. `add` finds equal strings again, `append` does not look.
 */
export class ByteDictionary implements Dictionary {
  length = 0;
  /** Where each string begins in `bytes`, after its length. */
  offsets: Int32Array;
  bytes: Buffer;
  /** Bytes in use. */
  end = 0;
  #words: DataView;
  #source: Uint8Array;
  #sourceWords: DataView;
  #table: Int32Array;
  #hashes: Int32Array;

  /** `capacity`: as many strings have room without growing; a power of two. */
  constructor(capacity = 1024) {
    this.offsets = new Int32Array(capacity);
    this.bytes = Buffer.allocUnsafe(capacity * 16);
    this.#words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.#source = this.bytes;
    this.#sourceWords = this.#words;
    this.#table = new Int32Array(capacity * 2).fill(-1);
    this.#hashes = new Int32Array(capacity);
  }

  get(code: number): string {
    const start = this.offsets[code];
    return this.bytes.toString('utf8', start, start + this.size(code));
  }

  /** A view of `bytes`, until they grow. */
  get words(): DataView {
    return this.#words;
  }

  /** Bytes of a string. */
  size(code: number): number {
    return this.bytes.readInt32LE(this.offsets[code] - 4);
  }

  /** The page: every string with its length. */
  plain(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }

  /** Code of the string at `from` to `to` of `source`, a new one or that of an equal string added before. */
  add(source: Uint8Array, from: number, to: number): number {
    return this.addOf(source, this.#wordsOf(source), from, to);
  }

  /** The same; `words` is a view of the source, for callers whose source changes from call to call. */
  addOf(source: Uint8Array, words: DataView, from: number, to: number): number {
    const hash = hashOf(source, words, from, to);
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (let code = this.#table[slot]; code !== -1; code = this.#table[slot]) {
      if (this.#hashes[code] === hash && this.#equals(code, source, words, from, to)) return code;
      slot = (slot + 1) & mask;
    }
    const code = this.append(source, from, to);
    this.#hashes[code] = hash;
    this.#table[slot] = code;
    if (this.length * 2 > this.#table.length) this.#rehash();
    return code;
  }

  /** A view of the source by four bytes; it is nearly always the source of the call before. */
  #wordsOf(source: Uint8Array): DataView {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceWords = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    return this.#sourceWords;
  }

  /** Adds a string as a new one without looking for an equal one. */
  append(source: Uint8Array, from: number, to: number): number {
    const size = to - from;
    let end = this.end;
    if (end + size + 4 > this.bytes.length) this.#grow(size + 4);
    if (this.length === this.offsets.length) this.#growCodes();
    const bytes = this.bytes;
    bytes[end] = size;
    bytes[end + 1] = size >> 8;
    bytes[end + 2] = size >> 16;
    bytes[end + 3] = size >> 24;
    end += 4;
    this.offsets[this.length] = end;
    if (size > 48) bytes.set(source.subarray(from, to), end);
    else for (let i = from, j = end; i < to; i++, j++) bytes[j] = source[i];
    this.end = end + size;
    return this.length++;
  }

  #equals(code: number, source: Uint8Array, words: DataView, from: number, to: number): boolean {
    const start = this.offsets[code];
    const size = to - from;
    const end = code + 1 < this.length ? this.offsets[code + 1] - 4 : this.end;
    if (end - start !== size) return false;
    if (size < 4) {
      for (let i = 0; i < size; i++) if (this.bytes[start + i] !== source[from + i]) return false;
      return true;
    }
    const own = this.#words;
    const last = size - 4;
    for (let i = 0; i < last; i += 4)
      if (own.getInt32(start + i, true) !== words.getInt32(from + i, true)) return false;
    return own.getInt32(start + last, true) === words.getInt32(from + last, true);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + needed));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.#words = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
    // Lest the old memory be kept, or taken for the new one.
    this.#source = larger;
    this.#sourceWords = this.#words;
  }

  #growCodes(): void {
    const offsets = new Int32Array(this.offsets.length * 2);
    offsets.set(this.offsets);
    this.offsets = offsets;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4).fill(-1);
    const mask = table.length - 1;
    for (let code = 0; code < this.length; code++) {
      let slot = this.#hashes[code] & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = code;
    }
    this.#table = table;
  }

  /** Forgets every string and keeps the memory. */
  clear(): void {
    if (this.length === 0) return;
    this.length = 0;
    this.end = 0;
    this.#table.fill(-1);
  }
}

/** Distinct JS strings by code, in the order of their first appearance. */
export class StringDictionary implements Dictionary {
  readonly strings: string[] = [];
  readonly #codes = new Map<string, number>();

  get length(): number {
    return this.strings.length;
  }

  get(code: number): string {
    return this.strings[code];
  }

  add(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.strings.length;
    this.strings.push(text);
    this.#codes.set(text, code);
    return code;
  }
}
