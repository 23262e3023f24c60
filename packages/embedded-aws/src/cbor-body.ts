import { cbor, tag } from '@smithy/core/cbor';

/** In Smithy's RPC v2, CBOR is JSON in other bytes, but that times are tagged. */
const TIME_TAG = 1;
const isTimeName = (name: string) => /(?:Timestamps?|LastModified)$/.test(name);

const untagged = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  const { tag: kind, value: inner } = value as { tag?: unknown; value?: unknown };
  if (kind === TIME_TAG || kind === BigInt(TIME_TAG)) return Number(inner);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, untagged(member)]));
};

const tagged = (value: unknown, name = ''): unknown => {
  if (Array.isArray(value)) return value.map((one) => tagged(one, name));
  if (typeof value === 'number' && isTimeName(name)) return tag({ tag: TIME_TAG, value });
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, tagged(member, key)]),
  );
};

/** A request's input as JSON would have it: times are seconds since the epoch. */
export const readCbor = (body: Uint8Array): unknown => (body.length === 0 ? {} : untagged(cbor.deserialize(body)));
/** Times are told by their names. */
export const writeCbor = (output: object): Uint8Array => cbor.serialize(tagged(output));
