import type { Dataset } from '@granary/domain/dataset';
import type { ColumnType, Field } from '@granary/tabular/table';

type Json = Record<string, unknown>;
export type OpenapiParameter = {
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  style?: string;
  explode?: boolean;
  schema: Json;
};
export type OpenapiOperation = { operationId: string; parameters?: OpenapiParameter[] } & Json;
export type OpenapiDocument = {
  info: { title: string; version: string; description: string } & Json;
  paths: Record<string, Record<string, OpenapiOperation>>;
  components: Record<string, Record<string, unknown>>;
} & Json;

const OF_ONE = /^\/v1\/(?:datasets|records|plots)\/\{id\}(?=\/|$)/;

/** How PostgREST's JSON has each type. */
const SCHEMAS: Readonly<Record<ColumnType, Json>> = {
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  date: { type: 'string', format: 'date' },
  timestamp: { type: 'string', format: 'date-time' },
  string: { type: 'string' },
};

/**
 * The part of the API's document that is about one dataset: its id stands in the paths, its columns are the filters,
 * the choices of a plot and the members of a row. Addresses are relative to /v1/datasets/{id}/openapi.json.
 */
export const datasetOpenapi = (document: OpenapiDocument, dataset: Dataset): OpenapiDocument => {
  const { id, title, description, fields } = dataset;
  const paths = Object.entries(document.paths).filter(([path]) => OF_ONE.test(path));
  const schemas = { ...document.components.schemas, Row: rowSchema(fields) };
  return withoutUnused({
    ...document,
    info: { ...document.info, title: `Granary: ${title}`, description },
    servers: [{ url: '../../..' }],
    paths: Object.fromEntries(
      paths.map(([path, operations]) => [
        path.replace('{id}', id),
        Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [method, operationOf(path, operation, dataset)]),
        ),
      ]),
    ),
    components: { ...document.components, schemas },
  });
};

const operationOf = (path: string, operation: OpenapiOperation, { fields }: Dataset): OpenapiOperation => {
  const names = fields.map(({ name }) => name);
  const parameters = (operation.parameters ?? [])
    .filter((parameter) => parameter.name !== 'id')
    .flatMap((parameter) => (parameter.name === 'filters' ? filtersOf(fields, operation) : [parameter]))
    .map((parameter) => withColumns(path, parameter, names));
  // Its examples are of another dataset.
  const { 'x-examples': _examples, 'x-codeSamples': _samples, ...rest } = operation;
  return { ...rest, parameters };
};

/**
 * A column that is called like a parameter is a filter when its value begins with an operator; the parameter stays the
 * one that is told.
 */
const filtersOf = (fields: readonly Field[], { parameters = [] }: OpenapiOperation): OpenapiParameter[] => {
  const taken = new Set(parameters.map(({ name }) => name));
  return fields
    .filter(({ name }) => !taken.has(name))
    .map((field) => ({
      name: field.name,
      in: 'query',
      description: `A filter, such as \`${OPERATORS[field.type]}\`. It may be repeated; all must hold. ${aboutField(field)}`,
      style: 'form',
      explode: true,
      schema: { type: 'array', items: { type: 'string' } },
    }));
};

const OPERATORS: Readonly<Record<ColumnType, string>> = {
  boolean: 'is.true',
  int32: 'gte.2000',
  int64: 'gte.2000',
  double: 'gt.0.5',
  date: 'gte.2020-01-01',
  timestamp: 'gte.2020-01-01T00:00:00Z',
  string: 'ilike.*tinto*',
};

const withColumns = (path: string, parameter: OpenapiParameter, names: readonly string[]): OpenapiParameter => {
  const { name, description = '' } = parameter;
  if (path.includes('/plots/') && ['x', 'y', 'series'].includes(name)) {
    return { ...parameter, schema: { type: 'string', enum: names } };
  }
  const takesColumns = ['select', 'order'].includes(name) && path.includes('/records/');
  return takesColumns ? { ...parameter, description: `${description} Columns: ${names.join(', ')}.` } : parameter;
};

/** Nothing is required: a row has the columns that were selected, under the names that the query gave them. */
const rowSchema = (fields: readonly Field[]): Json => ({
  type: 'object',
  description: 'A row. It has the selected columns, under the names that the query gives them.',
  properties: Object.fromEntries(fields.map((field) => [field.name, columnSchema(field)])),
});

const columnSchema = (field: Field): Json => {
  const { type, ...rest } = SCHEMAS[field.type];
  return {
    type: field.nullable ? [type, 'null'] : type,
    ...rest,
    ...(field.title && { title: field.title }),
    description: aboutField(field),
  };
};

const aboutField = ({ type, unit, nullable, description }: Field): string =>
  [`${type}${unit ? ` in ${unit}` : ''}${nullable ? ', may be null' : ''}.`, description].filter(Boolean).join(' ');

/** Leaves out the components that nothing refers to. */
const withoutUnused = (document: OpenapiDocument): OpenapiDocument => {
  const used = new Set<string>();
  const look = (part: unknown): void => {
    for (const [, kind, name] of JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/([\w.-]+)"/g)) {
      const place = `${kind}/${name}`;
      if (used.has(place)) continue;
      used.add(place);
      look(document.components[kind]?.[name] ?? null);
    }
  };
  look(document.paths);
  const components = Object.entries(document.components).map(([kind, members]) => [
    kind,
    kind === 'securitySchemes'
      ? members
      : Object.fromEntries(Object.entries(members).filter(([name]) => used.has(`${kind}/${name}`))),
  ]);
  return { ...document, components: Object.fromEntries(components) };
};
