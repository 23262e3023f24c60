import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { AwsError, NotImplementedHere } from './aws-error.ts';
import { answerError } from './not-implemented.ts';

type Values = {
  text: string;
  integer: number;
  /** Also a time: seconds since the epoch. */
  number: number;
  flag: boolean;
  /** base64 on the wire */
  blob: Buffer;
  texts: readonly string[];
  numbers: readonly number[];
  map: Readonly<Record<string, string>>;
  list: readonly Readonly<Record<string, unknown>>[];
  /** A structure, whose own members are read by {@link readMembers}. */
  object: Readonly<Record<string, unknown>>;
};
type Kind = keyof Values;
/**
 * Members of an operation's input by name; those with `!` are required. Any other member is answered 501 with its name.
 */
export type JsonMembers = Readonly<Record<string, Kind | `${Kind}!`>>;
export type InputOf<M extends JsonMembers> = {
  [N in keyof M]: M[N] extends `${infer K extends Kind}!` ? Values[K] : Values[M[N] & Kind] | undefined;
};
type Output = object | undefined | Promise<object | undefined>;
export type ServiceOperation = { members: JsonMembers; run(input: never): Output };
export const operation = <const M extends JsonMembers>(
  members: M,
  run: (input: InputOf<M>) => Output,
): ServiceOperation => ({
  members,
  run,
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const READERS: { readonly [K in Kind]: (value: unknown) => Values[K] | undefined } = {
  text: (value) => (isText(value) ? value : undefined),
  integer: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
  number: (value) => (isNumber(value) ? value : undefined),
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  blob: (value) => (isText(value) && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined),
  texts: (value) => (Array.isArray(value) && value.every(isText) ? value : undefined),
  numbers: (value) => (Array.isArray(value) && value.every(isNumber) ? value : undefined),
  map: (value) => (isObject(value) && Object.values(value).every(isText) ? (value as Values['map']) : undefined),
  list: (value) => (Array.isArray(value) && value.every(isObject) ? value : undefined),
  object: (value) => (isObject(value) ? value : undefined),
};

/**
 * What `body` says of `members`. `at` is what stands before a name in messages, as in `Configuration.`. Throws
 * NotImplementedHere for a member that is none of them, an AwsError for a value of another type, and one of the code
 * `invalid` for a required one that is missing.
 */
export const readMembers = <const M extends JsonMembers>(
  body: unknown,
  members: M,
  invalid: string,
  at = '',
): InputOf<M> => {
  if (!isObject(body)) throw new AwsError('SerializationException', 'The body is no JSON object.');
  const given = Object.entries(body).filter(([, value]) => value !== null);
  const strange = given.find(([name]) => !Object.hasOwn(members, name));
  if (strange) throw new NotImplementedHere(`with ${at}${strange[0]}`);
  const input: Record<string, unknown> = {};
  for (const [name, value] of given) {
    const kind = members[name]!.replace('!', '') as Kind;
    input[name] = READERS[kind](value);
    if (input[name] === undefined)
      throw new AwsError('SerializationException', `${at}${name} is not of the type ${kind}.`);
  }
  for (const [name, kind] of Object.entries(members)) {
    if (!kind.endsWith('!') || input[name] !== undefined) continue;
    const message = `1 validation error detected: Value null at '${at}${name}' failed to satisfy constraint: Member must not be null`;
    throw new AwsError(invalid, message);
  }
  return input as InputOf<M>;
};

export const bodyOf = async (
  request: IncomingMessage,
  largest: number,
  parse: Parse = JSON_WIRE.parse,
): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    // Read to its end all the same: whoever still sends would not see the answer.
    if (bytes <= largest) chunks.push(chunk as Buffer);
  }
  if (bytes > largest) throw new AwsError('RequestEntityTooLargeException', 'The request is too large.', 413);
  const body = Buffer.concat(chunks);
  try {
    // SDKs compress what is large, where the service takes it.
    const gzip = request.headers['content-encoding'] === 'gzip';
    return parse(gzip ? gunzipSync(body, { maxOutputLength: largest }) : body);
  } catch {
    throw new AwsError('SerializationException', 'The body cannot be read.');
  }
};

type Parse = (body: Buffer) => unknown;
const JSON_WIRE = {
  parse: (body: Buffer): unknown => JSON.parse(body.toString()),
  answer(response: ServerResponse, output: object | undefined): void {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(output && JSON.stringify(output));
  },
  refuse: (response: ServerResponse, error: { status: number; code: string; message: string }) =>
    answerError(response, 'json', error),
};
const CBOR_HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
/** Loaded by the first request that needs it: the SDK's own clients speak JSON. */
const cborWire = async (): Promise<typeof JSON_WIRE> => {
  const { readCbor, writeCbor } = await import('./cbor-body.ts');
  return {
    parse: readCbor,
    answer(response, output) {
      response.writeHead(200, CBOR_HEADERS);
      response.end(writeCbor(output ?? {}));
    },
    refuse(response, { status, code, message }) {
      response.writeHead(status, CBOR_HEADERS);
      response.end(writeCbor({ __type: code, message }));
    },
  };
};
const RPC_PATH = /^\/service\/([^/]+)\/operation\/([^/?]+)$/;

export type JsonService = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A service of the JSON 1.1 protocol: POST, the operation in X-Amz-Target, input and output as JSON. An operation that
 * is synchronous is one step to all others. Where a client asks by Smithy's RPC v2 (CBOR, the operation in the path),
 * it is answered so. What it lacks, an operation or a member of an input, is answered 501 by name; what fails inside is
 * told to `onFailure` and answered 500.
 */
export const makeJsonService = (options: {
  /** as in `KMS GenerateMac` */
  name: string;
  target: string;
  operations: Readonly<Record<string, ServiceOperation>>;
  /** The service's own names of an invalid member and of a failure inside. */
  errors: { invalid: string; internal: string };
  /** bytes */
  largest: number;
  onFailure: (error: Error) => void;
}): JsonService => {
  const { name, target, operations, errors, largest, onFailure } = options;
  return async (request, response) => {
    const cbor = request.headers['smithy-protocol'] === 'rpc-v2-cbor';
    const [prefix, operation = ''] = cbor
      ? (RPC_PATH.exec(request.url ?? '')?.slice(1) ?? [])
      : String(request.headers['x-amz-target'] ?? '').split('.');
    const wire = cbor ? await cborWire() : JSON_WIRE;
    const notImplemented = (what: string) =>
      wire.refuse(response, {
        status: 501,
        code: 'NotImplemented',
        message: `The embedded AWS does not implement ${what}.`,
      });
    const named = request.method === 'POST' && prefix === target;
    if (!named || !Object.hasOwn(operations, operation)) {
      notImplemented(`${name} ${(named && operation) || 'without its X-Amz-Target'}`);
      return;
    }
    const { members, run } = operations[operation]!;
    try {
      const input = readMembers(await bodyOf(request, largest, wire.parse), members, errors.invalid);
      wire.answer(response, await run(input as never));
    } catch (error) {
      if (error instanceof NotImplementedHere) {
        notImplemented(`${name} ${operation} ${error.message}`);
      } else if (error instanceof AwsError) {
        wire.refuse(response, error);
      } else if (request.destroyed && !request.complete) {
        // Its sender went away; there is nobody to answer and nothing failed here.
        response.destroy();
      } else {
        onFailure(error as Error);
        wire.refuse(response, { status: 500, code: errors.internal, message: (error as Error).message });
      }
    }
  };
};
