import type { Dataset } from '@granary/domain/dataset';
import { SQL_NAME } from '@granary/tabular/query/parse-value';
import type { ColumnType, Field } from '@granary/tabular/table';

/** Datasets with as many columns in all; a catalog that has more is described in part, and says so. */
const MOST_COLUMNS = 10_000;

const JSON_TYPE: Record<ColumnType, string> = {
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
  double: 'number',
  date: 'string',
  timestamp: 'string',
  string: 'string',
};

/** Parameters that every dataset takes. */
const COMMON: Readonly<Record<string, object>> = {
  select: {
    name: 'select',
    description: 'Columns, aliases, casts, aggregates',
    required: false,
    in: 'query',
    type: 'string',
  },
  order: { name: 'order', description: 'Ordering', required: false, in: 'query', type: 'string' },
  limit: { name: 'limit', description: 'Maximum number of rows', required: false, in: 'query', type: 'string' },
  offset: {
    name: 'offset',
    description: 'Number of rows to skip',
    required: false,
    in: 'query',
    type: 'string',
  },
  range: { name: 'Range', description: 'Range of rows, such as 0-9', required: false, in: 'header', type: 'string' },
  rangeUnit: {
    name: 'Range-Unit',
    description: 'Unit of Range',
    required: false,
    default: 'items',
    in: 'header',
    type: 'string',
  },
  preferCount: {
    name: 'Prefer',
    description: 'How rows are counted',
    required: false,
    enum: ['count=exact', 'count=planned', 'count=estimated'],
    in: 'header',
    type: 'string',
  },
};

const property = ({ type, title, description, unit }: Field): object => {
  const about = [title, description, unit && `Unit: ${unit}`].filter(Boolean).join('. ');
  return { format: SQL_NAME[type], type: JSON_TYPE[type], ...(about !== '' && { description: about }) };
};

const refs = (names: readonly string[]): object[] => names.map((name) => ({ $ref: `#/parameters/${name}` }));
const filterOf = (id: string, { name }: Field): string => `rowFilter.${id}.${name}`;

/** The published datasets as PostgREST describes tables: Swagger 2.0, a path, a definition and filters for each. */
export const rootDescription = (datasets: readonly Dataset[]): object => {
  const published = datasets.filter(({ latest }) => latest !== null);
  const described: Dataset[] = [];
  let columns = 0;
  for (const dataset of published) {
    columns += dataset.fields.length;
    if (columns > MOST_COLUMNS) break;
    described.push(dataset);
  }
  const left = published.length - described.length;
  const rows = 'The rows.';
  return {
    swagger: '2.0',
    info: {
      title: 'Granary, records',
      version: '12.0',
      description: `Rows of datasets, in PostgREST's query language.${left > 0 ? ` ${left} more datasets are listed at /v1/datasets.` : ''}`,
    },
    basePath: '/v1/records',
    consumes: ['application/json'],
    produces: ['application/json', 'application/vnd.pgrst.object+json', 'text/csv'],
    paths: Object.fromEntries(
      described.map(({ id, title, fields }) => [
        `/${id}`,
        {
          get: {
            tags: [id],
            summary: title,
            parameters: refs([...fields.map((field) => filterOf(id, field)), ...Object.keys(COMMON)]),
            responses: {
              200: { description: rows, schema: { type: 'array', items: { $ref: `#/definitions/${id}` } } },
              206: { description: 'Part of the rows, with a count.' },
            },
          },
        },
      ]),
    ),
    definitions: Object.fromEntries(
      described.map(({ id, description, fields }) => [
        id,
        {
          description,
          type: 'object',
          required: fields.filter(({ nullable }) => !nullable).map(({ name }) => name),
          properties: Object.fromEntries(fields.map((field) => [field.name, property(field)])),
        },
      ]),
    ),
    parameters: {
      ...COMMON,
      ...Object.fromEntries(
        described.flatMap(({ id, fields }) =>
          fields.map((field) => [
            filterOf(id, field),
            { name: field.name, required: false, in: 'query', type: 'string', format: SQL_NAME[field.type] },
          ]),
        ),
      ),
    },
  };
};
