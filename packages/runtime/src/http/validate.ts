import { InvalidRequest } from '@granary/domain/errors';
import type { ApiEvent, Request } from './call.ts';

type AjvError = { instancePath: string; keyword: string; message?: string; params: Record<string, unknown> };

/** A function that scripts/gen-functions.ts compiled from an endpoint's schemas; coerces and fills in defaults in place. */
export type Validator = { (data: unknown): boolean; errors?: readonly AjvError[] | null };

/** Parses what the request brought. Every field that does not fit is named at once. */
export const validate = (validator: Validator | undefined, takes_body: boolean) => ({
  before: ({ event }: Request): void => {
    const { input } = event.call;
    const data: { path: object; query: object; body?: unknown } = {
      path: event.pathParameters ?? {},
      query: queryOf(event),
    };
    if (takes_body) data.body = bodyOf(event);
    if (validator && !validator(data)) throw invalid(validator.errors ?? []);
    input.path = data.path;
    input.query = data.query;
    input.body = data.body;
  },
});

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

const bodyOf = (event: ApiEvent): unknown => {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : event.body;
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequest('The body is not JSON.');
  }
};

const invalid = (errors: readonly AjvError[]): InvalidRequest => {
  const fields = errors.map((error) => {
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
    `The request does not fit: ${first ? `${first.field}: ${first.message}` : 'see errors'}.`,
    fields,
  );
};
