import { AREAS } from '../../services/api/src/answers/answers.ts';
import { EXTRA_PARAMETERS, PARAMETERS } from '../../services/api/src/answers/parameters.ts';
import { answersOf, type Json, makeSchemas, responseOf, tidy } from './answers.ts';
import { codeSamples } from './code-samples.ts';
import type { FoundEndpoint } from './definitions.ts';
import { jsonSchema } from './json-schema.ts';

const DESCRIPTION = `Public data, collected, typed and versioned.

Every GET has a HEAD. Responses have an \`ETag\`, honour \`If-None-Match\`, and are compressed with brotli or gzip on request. Errors are
\`application/problem+json\`. Send a Cognito id token as \`Authorization: Bearer <token>\`.`;

/** Said once, referred to by every operation that may answer so. */
const PROBLEMS: Readonly<Record<number, { name: string; description: string; headers?: readonly string[] }>> = {
  400: { name: 'BadRequest', description: 'The request is invalid; `errors` names each field.' },
  401: { name: 'Unauthorized', description: 'The token is missing or not valid.', headers: ['WWW-Authenticate'] },
  403: { name: 'Forbidden', description: 'The token is valid, but its groups may not do this.' },
  404: { name: 'NotFound', description: 'Not found; `detail` says where to look.' },
  406: {
    name: 'NotAcceptable',
    description:
      'The rows are not available in an accepted format, or a single row was asked for and there is none or several.',
  },
  409: {
    name: 'Conflict',
    description:
      'Its state does not allow this: a query was stopped, a version was decided otherwise, a source is paused. `detail` says why.',
  },
  412: {
    name: 'PreconditionFailed',
    description: 'Somebody else edited it meanwhile: get it again, and make your change anew.',
  },
  413: { name: 'ContentTooLarge', description: 'The body is larger than 1 MB.' },
  416: { name: 'RangeNotSatisfiable', description: 'The range begins after the last row.' },
  428: {
    name: 'PreconditionRequired',
    description: 'If-Match is missing (or If-None-Match: *, to create), which keeps edits of others from being lost.',
  },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests. Wait as long as Retry-After says.',
    headers: ['Retry-After'],
  },
  500: { name: 'InternalServerError', description: 'Internal error. It is in the log under `instance`.' },
  502: { name: 'BadGateway', description: 'The SQL engine failed. It is in the log under `instance`.' },
  503: {
    name: 'ServiceUnavailable',
    description: 'The read of personal data could not be recorded, so the data is not shown.',
  },
};

const HEADERS: Readonly<Record<string, string>> = {
  ETag: 'Identifies this content. Send it in If-None-Match.',
  'Cache-Control': 'Who may cache the response, and for how long.',
  'Retry-After': 'Seconds to wait.',
  'WWW-Authenticate': '`Bearer`.',
  'X-Request-Id': 'Request id.',
};

const headerRefs = (names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/**
 * The API as an OpenAPI 3.1 document. Addresses are relative to its own, /openapi.json, whatever stage stands before
 * that.
 */
export const openapiOf = (endpoints: readonly FoundEndpoint[], version: string): Json => {
  const { components, schemaOf } = makeSchemas();
  const paths: Record<string, Json> = {};
  const operations = [...endpoints].sort((a, b) => (a.endpoint.path < b.endpoint.path ? -1 : 1));
  for (const found of operations) {
    const { method, path } = found.endpoint;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(found, schemaOf) };
  }
  const areas = [...new Set(operations.map(({ area }) => area))].sort();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Granary',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'Where this document comes from' }],
    security: [{ cognito: [] }],
    tags: areas.map((name) => ({ name, description: AREAS[name] ?? name })),
    paths,
    components: {
      securitySchemes: {
        cognito: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An id token of the Cognito user pool. On your machine, `npm start` prints how to get one.',
        },
      },
      headers: Object.fromEntries(
        Object.entries(HEADERS).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
      ),
      responses: {
        ...Object.fromEntries(
          Object.values(PROBLEMS).map(({ name, description, headers = [] }) => [
            name,
            {
              description,
              headers: headerRefs(['X-Request-Id', ...headers]),
              content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
            },
          ]),
        ),
        NotModified: {
          description: 'The content has not changed: If-None-Match names it.',
          headers: headerRefs(['ETag']),
        },
      },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
};

const operationOf = (found: FoundEndpoint, schemaOf: ReturnType<typeof makeSchemas>['schemaOf']): Json => {
  const { endpoint, area, name } = found;
  const { body } = endpoint.request?.() ?? {};
  const { groups, examples = [] } = endpoint;
  const description = [endpoint.description, groups && `For members of ${groups.join(' or ')}.`]
    .filter(Boolean)
    .join(' ');
  const [first] = examples;
  return {
    tags: [area],
    operationId: name,
    summary: endpoint.summary,
    ...(description !== '' && { description }),
    ...(endpoint.auth === 'public' && { security: [] }),
    parameters: parametersOf(found),
    ...(body && {
      requestBody: {
        required: jsonSchema(body).default === undefined,
        content: {
          'application/json': { schema: tidy(jsonSchema(body)), ...(first?.body && { example: first.body }) },
        },
      },
    }),
    responses: responsesOf(found, schemaOf),
    ...(examples.length > 0 && {
      'x-examples': examples,
      'x-codeSamples': codeSamples(endpoint, examples[0]),
    }),
  };
};

const responsesOf = (found: FoundEndpoint, schemaOf: ReturnType<typeof makeSchemas>['schemaOf']): Json => {
  const { endpoint } = found;
  const { path, query, body } = endpoint.request?.() ?? {};
  const answers = answersOf(found) ?? { 200: { description: 'The answer.', content: {} } };
  const own = ['X-Request-Id', 'Cache-Control', ...(endpoint.method === 'GET' ? ['ETag'] : [])];
  const isVersioned = query && propertiesOf(jsonSchema(query)).some(([name]) => name === 'version');
  const isRecords = endpoint.path.startsWith('/v1/records/');
  const isSource = endpoint.path.startsWith('/v1/admin/sources/{id}');
  const isQuery = endpoint.path.startsWith('/v1/query');
  const problems = [
    ...(path || query || body ? [400] : []),
    ...(endpoint.auth === 'cognito' ? [401] : []),
    ...(endpoint.groups ? [403] : []),
    // A version may be asked for that there is not, too.
    ...((path || isVersioned) && endpoint.auth === 'cognito' ? [404] : []),
    ...(isRecords ? [406, 416] : []),
    ...((isQuery && endpoint.method !== 'DELETE') ||
    endpoint.grants.includes('versions:decide') ||
    (isSource && endpoint.method !== 'GET')
      ? [409]
      : []),
    ...(isSource && endpoint.grants.includes('configurations:write') ? [412] : []),
    ...(body ? [413] : []),
    ...(isSource && ['PUT', 'DELETE'].includes(endpoint.method) ? [428] : []),
    429,
    500,
    ...(isQuery ? [502] : []),
    ...(endpoint.grants.includes('unmasked-reads:note') ? [503] : []),
  ];
  const responses: Record<string, Json> = {};
  for (const [status, answer] of Object.entries(answers)) {
    responses[status] = responseOf(answer, schemaOf, headerRefs(status === '303' ? own.slice(0, 2) : own));
  }
  if (endpoint.method === 'GET' && '200' in answers) {
    responses[304] = { $ref: '#/components/responses/NotModified' };
  }
  for (const status of problems) responses[status] = { $ref: `#/components/responses/${PROBLEMS[status].name}` };
  return responses;
};

const parametersOf = ({ endpoint }: FoundEndpoint): Json[] => {
  const { path, query } = endpoint.request?.() ?? {};
  const values = exampleValues(endpoint.path, endpoint.examples?.[0]?.path);
  const about = (name: string) => PARAMETERS[`${endpoint.method} ${endpoint.path} ${name}`] ?? PARAMETERS[name];
  const parameter = (place: 'path' | 'query', name: string, schema: unknown, required: boolean): Json => ({
    name,
    in: place,
    ...(about(name) !== undefined && { description: about(name) }),
    ...(required && { required }),
    schema: tidy(schema),
    // Only where one is needed to try the call: a page that is filled with all of them would ask for all of them.
    ...(required &&
      values[name] !== undefined && {
        example: (schema as Json).type === 'integer' ? Number(values[name]) : values[name],
      }),
  });
  const ofPath = propertiesOf(path ? jsonSchema(path) : {}).map(([name, schema]) =>
    parameter('path', name, schema, true),
  );
  const queries = query ? jsonSchema(query) : {};
  const required = (queries.required ?? []) as string[];
  const ofQuery = propertiesOf(queries).map(([name, schema]) =>
    parameter('query', name, schema, required.includes(name)),
  );
  const extra = (EXTRA_PARAMETERS[`${endpoint.method} ${endpoint.path}`] ?? []).map((one) => ({
    name: one.name,
    in: one.in,
    description: one.description ?? PARAMETERS[one.name],
    schema: one.schema,
    ...(one.example !== undefined && { example: one.example }),
  }));
  const isOpen = typeof queries.additionalProperties === 'object' && queries.additionalProperties !== null;
  const filters = {
    name: 'filters',
    in: 'query',
    description: PARAMETERS.filters,
    style: 'form',
    explode: true,
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    example: {},
  };
  return [...ofPath, ...ofQuery, ...extra, ...(isOpen ? [filters] : [])];
};

const propertiesOf = (schema: Json): [string, unknown][] => Object.entries((schema.properties ?? {}) as Json);

/** What stands in an example for each parameter of the path and the query. */
const exampleValues = (template: string, example: string | undefined): Record<string, string> => {
  if (example === undefined) return {};
  const [path, query = ''] = example.split('?');
  const given = path.split('/');
  const values = Object.fromEntries(new URLSearchParams(query));
  for (const [index, part] of template.split('/').entries()) {
    if (part.startsWith('{') && given[index] !== part) values[part.slice(1, -1)] = given[index];
  }
  return values;
};
