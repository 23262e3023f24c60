/** Thrift's compact protocol, read into plain values: structs are maps from field ids, binaries views of the bytes. */

export type ThriftValue = number | boolean | Uint8Array | ThriftValue[] | ThriftStruct;
/** Values by field id. */
export type ThriftStruct = { [id: number]: ThriftValue };

const DEEPEST = 32;

/** Numbers are exact up to 2^53. Throws RangeError where the bytes end too soon. */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  at: number;
  #depth = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError('the metadata of the Parquet file are cut off');
    return this.#bytes[this.at++];
  }

  #varint(): number {
    let byte = this.#byte();
    let value = byte & 127;
    for (let factor = 128; byte > 127; factor *= 128) {
      byte = this.#byte();
      value += (byte & 127) * factor;
    }
    return value;
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return (this.#byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        this.at += 8;
        return Number.NaN;
      case 8: {
        const size = this.#varint();
        const start = this.at;
        this.at += size;
        if (this.at > this.#bytes.length) throw new RangeError('the metadata of the Parquet file are cut off');
        return this.#bytes.subarray(start, this.at);
      }
      case 9:
      case 10:
        return this.#list();
      case 12:
        return this.struct();
      default:
        throw new RangeError(`the metadata of the Parquet file have a value of unknown type ${type}`);
    }
  }

  #list(): ThriftValue[] {
    const head = this.#byte();
    const type = head & 15;
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    const values: ThriftValue[] = [];
    for (let i = 0; i < size; i++) values.push(type <= 2 ? this.#byte() === 1 : this.#value(type));
    return values;
  }

  struct(): ThriftStruct {
    if (++this.#depth > DEEPEST) throw new RangeError('the metadata of the Parquet file are nested too deep');
    const fields: ThriftStruct = {};
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      fields[id] = this.#value(head & 15);
    }
    this.#depth--;
    return fields;
  }
}
