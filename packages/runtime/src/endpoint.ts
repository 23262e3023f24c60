import type * as core from 'zod/v4/core';
import type { Grant } from './definition.ts';
import type { Logger } from './logger.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who calls, as the verified token says. */
export type Caller = { sub: string; username: string; groups: readonly string[] };

export type EndpointInput<Path, Query, Body> = {
  /** Decoded path parameters, query parameters and JSON body after the schemas' coercion and defaults. */
  path: Path;
  query: Query;
  body: Body;
  /** What the client sent, by lower-case name: for what is negotiated, such as `accept`. */
  headers: Readonly<Record<string, string | undefined>>;
  /** `HEAD` where a GET is asked for without its body: what only the body needs can then be left out. */
  method: string;
  /**
   * Where the client reaches this API, with the stage and without a slash at its end: `https://api.example/dev`. For
   * documents that may hold no relative addresses.
   */
  address: string;
  /** Undefined on a public endpoint. */
  caller: Caller | undefined;
  log: Logger;
};

/** A call to show and to try: tests make it, so it must work on a stack that has collected once. */
export type Example = {
  summary: string;
  /**
   * With its query. An `{id}` that cannot be known in advance stays: tests put the `id` of the first item of the list
   * above it in its place.
   */
  path: string;
  /** Headers besides the token's. */
  headers?: Readonly<Record<string, string>>;
  /** JSON. */
  body?: object;
};

type Parsed<S> = S extends core.$ZodType ? core.output<S> : undefined;
type Schema = core.$ZodType | undefined;

/**
 * One endpoint, in one file that exports it as `endpoint`. Schemas are written with `zod/mini` and must have a JSON
 * Schema: a validator is generated from each (scripts/gen-functions.ts) and zod itself never parses in the function.
 * Query parameters are coerced to the schema's types; one that the schema does not name is refused.
 */
export type EndpointDefinition<Deps, P extends Schema, Q extends Schema, B extends Schema> = {
  kind: 'endpoint';
  method: Method;
  /** `/v1/datasets/{id}`; a GET is answered for HEAD too. */
  path: string;
  /**
   * Other paths to the same endpoint, with the same parameters, for clients whose paths are fixed. They are not
   * documented.
   */
  aliases?: readonly string[];
  auth: 'public' | 'cognito';
  /** The caller must be in one of them; any verified caller when absent. */
  groups?: readonly string[];
  grants: readonly Grant[];
  /** Memory that its area has, where that is more than others need. */
  memory_mb?: number;
  /**
   * A function, because schemas made at import would cost each cold start 2.5 ms: it is for the generator. A GET has no
   * body.
   */
  request?: () => { path?: P; query?: Q; body?: B };
  /**
   * The JSON of a 200, for the documentation. Other statuses and types, and schemas that endpoints share, are in
   * services/api/src/answers.
   */
  response?: () => core.$ZodType;
  summary: string;
  description?: string;
  examples?: readonly Example[];
  /**
   * The result is a plain value (200, JSON) or a {@link ./http/reply.ts reply}; failures are thrown as GranaryErrors.
   */
  run: (deps: Deps) => (input: EndpointInput<Parsed<P>, Parsed<Q>, Parsed<B>>) => unknown;
};

// biome-ignore lint/suspicious/noExplicitAny: endpoints of different inputs; each was checked where it was defined.
export type AnyEndpoint<Deps> = EndpointDefinition<Deps, any, any, any>;

/** The identity, for inference. */
export const defineEndpoint = <
  Deps,
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(
  endpoint: Omit<EndpointDefinition<Deps, P, Q, B>, 'kind'>,
): EndpointDefinition<Deps, P, Q, B> => ({ kind: 'endpoint', ...endpoint });
