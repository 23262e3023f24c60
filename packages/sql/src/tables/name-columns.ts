import type { Dataset } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import { nearNames } from '../near-names.ts';

/** What the engine says of an unknown column. */
const UNKNOWN_COLUMN = /\bCOLUMN_NOT_FOUND\b.*?\bColumn '([^']{1,128})'/;
const MOST_NAMED = 60;

/**
 * Adds the columns of the query's tables to the refusal of an unknown column: the engine does not list them. Gives any
 * other error back as it is.
 */
export const nameColumns = (error: unknown, datasets: readonly Dataset[]): unknown => {
  if (!(error instanceof InvalidRequest) || datasets.length === 0) return error;
  const column = UNKNOWN_COLUMN.exec(error.message)?.[1];
  if (column === undefined) return error;
  const names = [...new Set(datasets.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  const near = nearNames(column.toLowerCase().split('.').at(-1) as string, names).map((name) => `'${name}'`);
  const hint = near.length === 0 ? '' : ` Perhaps you mean ${near.join(' or ')}.`;
  const more = names.length > MOST_NAMED ? ', …' : '';
  const message = `${error.message}.${hint} Columns of ${datasets.map(({ id }) => id).join(' and ')}: ${names.slice(0, MOST_NAMED).join(', ')}${more}.`;
  const named = InvalidRequest.of('sql', message);
  named.members = error.members;
  return named;
};
