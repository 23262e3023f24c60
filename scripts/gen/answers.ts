import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import type { Answer, Answers } from '../../services/api/src/answers/answer.ts';
import { ANSWERS } from '../../services/api/src/answers/answers.ts';
import { Problem } from '../../services/api/src/answers/shapes.ts';
import type { FoundEndpoint } from './definitions.ts';

export type Json = Record<string, unknown>;

/**
 * What an endpoint answers when all is well: of the table of answers, or its own `response`. Undefined: nobody said.
 */
export const answersOf = ({ endpoint }: FoundEndpoint): Answers | undefined => {
  const known = ANSWERS[`${endpoint.method} ${endpoint.path}`];
  if (known) return known;
  const schema = endpoint.response?.();
  return schema && { 200: { description: 'The answer.', content: { 'application/json': schema as z.ZodType } } };
};

/** Schemas as OpenAPI has them: JSON Schema 2020-12 whose named parts are gathered in `components`. */
export const makeSchemas = () => {
  const components: Record<string, Json> = {};
  const schemaOf = (schema: $ZodType): Json => {
    const { $schema: _, $defs = {}, ...rest } = toComponents(z.toJSONSchema(schema as z.ZodType, { io: 'output' }));
    for (const [name, part] of Object.entries($defs as Record<string, Json>)) components[name] = tidy(part);
    const { id, ...own } = tidy(rest) as Json & { id?: string };
    if (id === undefined) return own;
    components[id] = own;
    return { $ref: `#/components/schemas/${id}` };
  };
  schemaOf(Problem);
  return { components, schemaOf };
};

const toComponents = (schema: object): Json & { $defs?: Json } =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));

/**
 * zod bounds every whole number by what a double can hold, and gives a format and its pattern at once: that says
 * nothing to readers.
 */
const tidy = (schema: unknown): Json => {
  if (Array.isArray(schema)) return schema.map(tidy) as never;
  if (typeof schema !== 'object' || schema === null) return schema as never;
  const entries = Object.entries(schema).filter(
    ([name, value]) =>
      !(name === 'maximum' && value === Number.MAX_SAFE_INTEGER) &&
      !(name === 'minimum' && value === Number.MIN_SAFE_INTEGER) &&
      !(name === 'pattern' && 'format' in schema) &&
      // Names are texts anyway.
      !(name === 'propertyNames' && JSON.stringify(value) === '{"type":"string"}') &&
      !(name === '$schema'),
  );
  const tidied = Object.fromEntries(entries.map(([name, value]) => [name, tidy(value)]));
  return [nullable, anyScalar, plainTuple, namedChoices].reduce((said, make) => make(said), tidied as Json);
};

// What follows says less than JSON Schema can, since generators of clients write code that does not compile, or stop,
// where it says more.

const SCALARS = ['string', 'number', 'boolean'];

/**
 * A text, a number or a boolean: a class for each such union would be made, of which nobody gets a value. Without a
 * type it is whatever comes.
 */
const anyScalar = (schema: Json): Json => {
  const { type, anyOf, ...rest } = schema;
  const types = Array.isArray(type) ? type : Array.isArray(anyOf) ? (anyOf as Json[]).map((one) => one.type) : [];
  const isAny = SCALARS.every((one) => types.includes(one)) && types.every((one) => [...SCALARS, 'null'].includes(one));
  if (!isAny) return schema;
  return {
    description: `A text, a number${types.includes('null') ? ', a boolean or null' : ' or a boolean'}.`,
    ...rest,
  };
};

/**
 * A tuple of like members is a list of so many; `prefixItems` and `items: false` are read by few. Throws for one of
 * unlike members.
 */
const plainTuple = ({ prefixItems, ...rest }: Json): Json => {
  if (!Array.isArray(prefixItems)) return rest;
  const [items, ...others] = prefixItems as Json[];
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(items)))
    throw new Error('A tuple of unlike members cannot be described to clients; answer an object.');
  return { ...rest, items, minItems: prefixItems.length, maxItems: prefixItems.length };
};

/**
 * Of a choice that is no name (a line end, a blank, a quote, a `#`) clients make code with a text that ends in its
 * midst, or a member without a name.
 */
const namedChoices = ({ enum: choices, const: only, ...rest }: Json): Json => {
  const all = Array.isArray(choices) ? choices : only === undefined ? [] : [only];
  if (!all.some((choice) => /[\p{Cc}\s"'`&<>\\#]/u.test(String(choice))))
    return { ...rest, ...(choices !== undefined && { enum: choices }), ...(only !== undefined && { const: only }) };
  const told = `One of ${all.map((choice) => `\`${JSON.stringify(choice)}\``).join(', ')}.`;
  return { ...rest, description: [rest.description, told].filter(Boolean).join(' ') };
};

/** `anyOf: [{ type: string }, { type: 'null' }]` is `type: [string, 'null']` when that says the same. */
const nullable = ({ anyOf, ...rest }: Json): Json => {
  if (!Array.isArray(anyOf)) return anyOf === undefined ? rest : { ...rest, anyOf };
  const [one, none] = anyOf as Json[];
  const isPlain = anyOf.length === 2 && none?.type === 'null' && typeof one?.type === 'string' && !('enum' in one);
  return isPlain && !('const' in one) ? { ...one, ...rest, type: [one.type, 'null'] } : { ...rest, anyOf };
};

export { tidy };

/** The parts of a response that stand for one answer. */
export const responseOf = (answer: Answer, schemaOf: (schema: $ZodType) => Json, headers: Json): Json => ({
  description: answer.description,
  headers: {
    ...headers,
    ...Object.fromEntries(
      Object.entries(answer.headers ?? {}).map(([name, description]) => [
        name,
        { description, schema: { type: 'string' } },
      ]),
    ),
  },
  ...(answer.content && {
    content: Object.fromEntries(
      Object.entries(answer.content).map(([type, content]) => [
        type,
        { schema: typeof content === 'string' ? { type: 'string', description: content } : schemaOf(content) },
      ]),
    ),
  }),
});
