import type { z } from 'zod';

/** Of a media type: a schema of JSON, or words about what is no JSON. */
export type Content = z.ZodType | string;

export type Answer = {
  description: string;
  /** By media type; none: the answer has no body. */
  content?: Readonly<Record<string, Content>>;
  /** Its own, by name, with their descriptions. */
  headers?: Readonly<Record<string, string>>;
};

/** The answers of an endpoint that are no errors, by status. */
export type Answers = Readonly<Record<number, Answer>>;

/** 200 with JSON. */
export const json = (description: string, schema: z.ZodType, headers?: Answer['headers']): Answers => ({
  200: { description, content: { 'application/json': schema }, ...(headers && { headers }) },
});
