/** What profiles and facets say of the values of columns. */
import { z } from 'zod';
import { ColumnType, count, datasetId, text, versionNumber } from './shapes.ts';

const value = () => z.union([z.string(), z.number(), z.boolean()]);
const valueCounts = (description: string) =>
  z.array(z.strictObject({ value: value(), count: z.int().min(1) })).meta({ description });

const ColumnProfile = z
  .strictObject({
    name: text('Column name.'),
    type: ColumnType,
    nulls: z.int().min(0),
    distinct: count('Number of different values, nulls aside.'),
    distinct_is: z
      .enum(['exact', 'estimated'])
      .meta({ description: 'Estimates are typically within 0.8 %; columns of very many values have them.' }),
    min: z.nullable(value()).meta({ description: 'The smallest value; of texts the first by code point.' }),
    max: z.nullable(value()),
    mean: z.nullable(z.number()).meta({ description: 'Null unless the column has numbers.' }),
    most_frequent: valueCounts('The commonest values first; those that occur as often by value.'),
    most_frequent_is: z.enum(['exact', 'estimated', 'not_counted', 'withheld']).meta({
      description:
        '`estimated`: each count may be too low by `missed` at most. `not_counted`: nearly all values differ. `withheld`: the column is about persons.',
    }),
    missed: z.optional(z.int().min(0)),
    format: z
      .nullable(
        z.enum([
          'email',
          'url',
          'uuid',
          'iso_country_2',
          'iso_country_3',
          'postal_code',
          'latitude',
          'longitude',
          'year',
          'boolean_words',
        ]),
      )
      .meta({ description: 'The format that every value has; null where none fits all of them.' }),
    cut: z.optional(z.literal(true)).meta({
      description: 'A text of more than 256 characters is shown as its first 256 and an ellipsis.',
    }),
  })
  .meta({ id: 'ColumnProfile' });

export const ProfileShape = z
  .strictObject({
    dataset: datasetId(),
    version: versionNumber(),
    rows: z.int().min(0),
    columns: z.array(ColumnProfile),
  })
  .meta({ id: 'Profile', description: 'What each column of a version holds.' });

export const FacetsShape = z
  .strictObject({
    dataset: datasetId(),
    version: versionNumber(),
    rows: count('Number of rows that the filters leave.'),
    facets: z.array(
      z.strictObject({
        column: z.string(),
        nulls: count('Rows without a value.'),
        distinct: count('Number of different values, nulls aside.'),
        values: valueCounts('The commonest values first; those that occur as often by value.'),
        other: count('Rows of all values that are not listed.'),
        truncated: z.boolean().meta({ description: 'Whether there are values that are not listed.' }),
      }),
    ),
  })
  .meta({ id: 'Facets', description: 'Counts of values, by column.' });
