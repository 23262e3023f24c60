import { InvalidRequest, TooLarge } from '@granary/domain/errors';
import validator from '@middy/validator';
import type { ApiEvent, Request } from './call.ts';

/** A body is read whole, and nothing that is asked for comes near it. API Gateway's own limit is ten times that. */
const MAX_BODY_BYTES = 2 ** 20;

type AjvError = { instancePath: string; keyword: string; message?: string; params: Record<string, unknown> };

/**
 * A function that scripts/gen-functions.ts compiled from an endpoint's schemas, for `pathParameters`,
 * `queryStringParameters` and `body` of the event; coerces and fills in defaults in place.
 */
export type Validator = { (event: unknown): boolean; errors?: readonly AjvError[] | null };

/** Reads what the request brought, and checks it with @middy/validator. Fields that do not fit are named at once. */
export const validate = (schema: Validator, takes_body: boolean) => [
  read(takes_body),
  // Its types ask for an Ajv; what it calls is what ajv compiles.
  validator({ eventSchema: schema as never }),
];

const read = (takes_body: boolean) => ({
  before: ({ event }: Request): void => {
    const parsed = event as unknown as Parsed;
    parsed.pathParameters = event.pathParameters ?? {};
    parsed.queryStringParameters = queryOf(event);
    if (takes_body) parsed.body = bodyOf(event);
  },
  onError: (request: Request): void => {
    const cause = request.error instanceof Error ? request.error.cause : undefined;
    if (isUnfit(cause)) request.error = invalid(cause.data);
  },
});

/** What the endpoint is given of an event that passed. */
export const inputOf = (event: ApiEvent, takes_body: boolean) => {
  const { pathParameters, queryStringParameters, body } = event as unknown as Parsed;
  const { input } = event.call;
  input.path = pathParameters;
  input.query = queryStringParameters;
  input.event = event;
  if (takes_body) input.body = body;
  return input;
};

/** The event after {@link validate}, which puts what it read in the place of what came. */
type Parsed = { pathParameters: object; queryStringParameters: object; body: unknown };

/** A parameter given once is text, one given several times a list: the schema then says whether it may repeat. */
const queryOf = (event: ApiEvent): object => {
  // Without a prototype: a parameter called __proto__ is then one like any other, and refused.
  const query: Record<string, string | string[]> = Object.create(null);
  const given = event.multiValueQueryStringParameters;
  if (given) {
    for (const name in given) {
      const values = given[name];
      if (values) query[name] = values.length === 1 ? values[0] : values;
    }
    return query;
  }
  return Object.assign(query, event.queryStringParameters);
};

/** No body at all is undefined: the schema says by a default whether it may be missing. */
const bodyOf = (event: ApiEvent): unknown => {
  if (!event.body) return undefined;
  const encoding = event.isBase64Encoded ? 'base64' : 'utf8';
  if (Buffer.byteLength(event.body, encoding) > MAX_BODY_BYTES) throw new TooLarge('The body is larger than 1 MB.');
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequest('The body is not JSON.');
  }
};

const isUnfit = (cause: unknown): cause is { data: readonly AjvError[] } =>
  typeof cause === 'object' && cause !== null && 'package' in cause && cause.package === '@middy/validator';

/**
 * Of a body of a megabyte each of a hundred thousand members may be wrong; the answer would be larger than Lambda's may
 * be.
 */
const MOST_NAMED = 50;

const invalid = (errors: readonly AjvError[]): InvalidRequest => {
  const fields = errors.slice(0, MOST_NAMED).map((error) => {
    const [place, ...rest] = error.instancePath.split('/').slice(1);
    const named = error.params.additionalProperty ?? error.params.missingProperty;
    const field = [...rest, ...(named === undefined ? [] : [String(named)])].join('.');
    const message =
      error.keyword === 'additionalProperties'
        ? `'${field}' is not known here`
        : error.keyword === 'required'
          ? `'${field}' is missing`
          : error.keyword === 'enum'
            ? `must be one of ${(error.params.allowedValues as unknown[]).join(', ')}`
            : (error.message ?? 'does not fit');
    return { field: field || (place ?? 'body'), message };
  });
  const [first] = fields;
  return new InvalidRequest(
    `The request is invalid: ${first ? `${first.field}: ${first.message}` : 'see errors'}.`,
    fields,
  );
};
