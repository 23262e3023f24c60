import type { QueryExecutionStatus } from '@aws-sdk/client-athena';
import { InvalidRequest, QueryEngineFailed, TooManyRequests } from '@granary/domain/errors';
import type { QueryStatus } from '@granary/domain/ports/query-engine';

/** Athena stops what reads more than the workgroup lets it; engine version 3 calls that CANCELLED, others FAILED. */
const OVER_LIMIT = /bytes scanned limit/i;
/** AthenaError.ErrorCategory: 1 system, 2 user, 3 other. */
const BY_USER = 2;
/**
 * Athena counts these as its own failures; they are of a query that wants more memory than any gets, and running it
 * again fails again.
 */
const TOO_HUNGRY = /exhausted resources|exceeded [\w ]*memory|EXCEEDED_\w*MEMORY/i;

/** Why a query failed, or null: it did not. */
export const failureOf = ({ State, StateChangeReason, AthenaError }: QueryExecutionStatus): QueryStatus['failure'] => {
  const message = StateChangeReason ?? AthenaError?.ErrorMessage ?? '';
  if (State === 'CANCELLED') return OVER_LIMIT.test(message) ? { by: 'limit', message } : null;
  if (State !== 'FAILED') return null;
  if (OVER_LIMIT.test(message)) return { by: 'limit', message };
  const own = AthenaError?.ErrorCategory === BY_USER || TOO_HUNGRY.test(message);
  return { by: own ? 'query' : 'engine', message: message || 'No reason was given' };
};

/**
 * Whether Athena says that the request does not fit: an id, a token or a statement that it does not know what to do
 * with.
 */
export const isInvalid = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'InvalidRequestException' || error.name === 'ValidationException');

/** Whether Athena says that there is no such query: `QueryExecution … was not found`. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof Error && error.name === 'InvalidRequestException' && /was not found/i.test(error.message);

/**
 * Whether the query is another workgroup's, of which we may see nothing: Athena names the workgroup that we have no
 * right to. A denial that names ours, or none, is a grant that is missing, and nobody's wrong id.
 */
export const isOfOthers = (error: unknown, workgroup: string): boolean => {
  if (!(error instanceof Error) || error.name !== 'AccessDeniedException') return false;
  const [, named] = /:workgroup\/([\w.-]+)/.exec(error.message) ?? [];
  return named !== undefined && named !== workgroup;
};

const isThrottled = ({ name }: Error): boolean => name === 'TooManyRequestsException' || name === 'ThrottlingException';

const tooMany = (message: string): TooManyRequests => {
  const busy = new TooManyRequests(message);
  busy.headers = { 'Retry-After': '5' };
  return busy;
};

/**
 * What a call about a query is answered with that Athena did not take: it throttles each of its operations by itself.
 */
export const refusedCall = (error: unknown): unknown =>
  error instanceof Error && isThrottled(error)
    ? tooMany('The query engine is throttling. Ask again in a few seconds.')
    : error;

/** What a query that was not even started is answered with. */
export const refusedStart = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  if (isInvalid(error)) return new InvalidRequest(error.message);
  if (isThrottled(error))
    return tooMany('So many queries are under way that another cannot be started; try again soon.');
  const failed = new QueryEngineFailed(`The engine did not start the query: ${error.message}`);
  failed.cause = error;
  return failed;
};
