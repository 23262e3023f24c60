import { GranaryError, InvalidRequest, NotFound, UnfitQuery } from '@granary/domain/errors';
import { QueryError } from '@granary/tabular/query/query-error';

/** What clients of PostgREST read of an error. */
export type ProblemMembers = { code: string; message: string; details: string | null; hint: string | null };

/** A problem that also says what PostgREST says. */
export const refusal = (
  status: UnfitQuery['status'],
  members: ProblemMembers,
  headers?: Record<string, string>,
): UnfitQuery => {
  const sentences = [members.message, members.details, members.hint].filter((text) => text !== null);
  const error = new UnfitQuery(sentences.map((text) => text.replace(/\.?$/, '.')).join(' '), status);
  error.members = members;
  if (headers) error.headers = headers;
  return error;
};

/** PGRST103: rows beyond the last. */
export const outOfRange = (details: string, headers?: Record<string, string>): UnfitQuery =>
  refusal(416, { code: 'PGRST103', message: 'Requested range not satisfiable', details, hint: null }, headers);

export const tooBig = (most: string): UnfitQuery =>
  refusal(400, {
    code: 'PGRST100',
    message: 'The answer is too big',
    details: `It is larger than ${most}.`,
    hint: 'Ask for it in pages (limit and offset), as Parquet, or download the version whole.',
  });

/** Errors of the query as problems; others of ours with the members that clients of PostgREST read. */
export const asProblem = (error: unknown): unknown => {
  if (error instanceof QueryError) {
    const { status, code, message, details, hint } = error;
    return refusal(status, { code, message, details, hint });
  }
  if (error instanceof GranaryError && !error.members && error.status < 500) {
    const code = error instanceof NotFound ? 'PGRST205' : error instanceof InvalidRequest ? 'PGRST100' : error.code;
    error.members = { code, message: error.message, details: null, hint: null } satisfies ProblemMembers;
  }
  return error;
};
