/** The part of Thrift's compact protocol that Parquet metadata needs, written without intermediate objects. */

const I16 = 4;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const TRUE = 1;
const FALSE = 2;

export const THRIFT = { I32, BINARY, STRUCT } as const;

/** Fields must be written in ascending order of their ids; every `struct` is closed by `end`. */
export class ThriftWriter {
  #bytes: Buffer = Buffer.allocUnsafe(1024);
  #at = 0;
  #last = 0;
  readonly #stack: number[] = [];

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  #header(id: number, type: number): void {
    this.#reserve(1);
    const delta = id - this.#last;
    this.#bytes[this.#at++] = (delta << 4) | type;
    this.#last = id;
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  i16(id: number, value: number): void {
    this.#header(id, I16);
    this.#zigzag(value);
  }

  i32(id: number, value: number): void {
    this.#header(id, I32);
    this.#zigzag(value);
  }

  /** Up to 2^52. */
  i64(id: number, value: number): void {
    this.#header(id, I64);
    this.#zigzag(value);
  }

  bool(id: number, value: boolean): void {
    this.#header(id, value ? TRUE : FALSE);
  }

  binary(id: number, value: Uint8Array | string): void {
    this.#header(id, BINARY);
    this.binaryElement(value);
  }

  list(id: number, type: number, size: number): void {
    this.#header(id, LIST);
    this.#reserve(1);
    if (size < 15) this.#bytes[this.#at++] = (size << 4) | type;
    else {
      this.#bytes[this.#at++] = 0xf0 | type;
      this.#varint(size);
    }
  }

  i32Element(value: number): void {
    this.#zigzag(value);
  }

  binaryElement(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Begins the struct of a field, or (without id) a struct that is an element of a list or the outermost one. */
  struct(id?: number): void {
    if (id !== undefined) this.#header(id, STRUCT);
    this.#stack.push(this.#last);
    this.#last = 0;
  }

  end(): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = 0;
    this.#last = this.#stack.pop() ?? 0;
  }

  /** What has been written since the last call; valid until the next write. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return bytes;
  }
}
