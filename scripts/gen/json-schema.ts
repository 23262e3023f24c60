import { type $ZodType, toJSONSchema } from 'zod/v4/core';

/**
 * The JSON Schema of what a caller may send. Throws for what JSON Schema cannot say, a transform for one: validators
 * are made of this, so it would never run.
 */
export const jsonSchema = (schema: $ZodType): Record<string, unknown> => {
  toJSONSchema(schema, { io: 'output', unrepresentable: 'throw' });
  const { $schema: _, ...rest } = toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' });
  return rest;
};
