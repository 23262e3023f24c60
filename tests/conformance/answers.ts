import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';

export type Example = { summary: string; path: string; headers?: Record<string, string>; body?: object };
export type Media = { schema: object };
export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  security?: object[];
  parameters: { name: string; in: string; required?: boolean; schema: object; description?: string }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, Media> }>;
  'x-examples'?: Example[];
};
export type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Operation['responses'][string]>; schemas: Record<string, object> };
} & Record<string, unknown>;

const root = join(import.meta.dirname, '../..');

/** services/api/openapi.json. */
export const readDocument = (): Document =>
  JSON.parse(readFileSync(join(root, 'services/api/openapi.json'), 'utf8')) as Document;

/** Every operation with its method and path. */
export const operationsOf = (document: Document): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

type Answered = { status: number; type: string | null; body: string };

/**
 * Tells what of an answer the document does not say: its status, its type, or what in its JSON does not fit. Empty: it
 * fits.
 */
export const makeAnswerCheck = (document: Document) => {
  const ajv = new Ajv.default({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'openapi', components: document.components });
  return ({ responses }: Operation, { status, type, body }: Answered): string[] => {
    const found = responses[status];
    if (!found) return [`the status ${status} is not one of ${Object.keys(responses).join(', ')}`];
    const { content } = found.$ref ? document.components.responses[found.$ref.split('/').pop() as string] : found;
    if (body === '') return [];
    const media = type?.split(';')[0] ?? '';
    const known = content?.[media];
    if (!known) return [`the type ${media} of ${status} is not one of ${Object.keys(content ?? {}).join(', ')}`];
    if (!/\bjson$/.test(media)) return [];
    const schema = JSON.parse(JSON.stringify(known.schema).replaceAll('"#/components/', '"openapi#/components/'));
    const validate = ajv.compile(schema);
    if (validate(JSON.parse(body))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
};
