import { GranaryError, InvalidRequest, NotFound, QueryEngineFailed, QueryStopped } from '@granary/domain/errors';
import type { QueryStatus } from '@granary/domain/ports/query-engine';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { engineSentence } from '@granary/sql/answers/engine-sentence';
import { FIRST_PLACE, isPlace, readResultPage } from '@granary/sql/answers/result-page';
import { hasEnded } from '@granary/sql/answers/wait-for-end';
import type { SqlDeps } from '@granary/sql/sql-deps';
import { fileReply } from '../exports/file-reply.ts';
import { sendable } from '../exports/sendable.ts';
import { readCursor, writeCursor } from '../paging/cursor.ts';
import { nextLink } from '../paging/next-link.ts';

const CSV_EXPIRES_S = 900;

const LESS = 'Ask for less: filter early, join fewer tables, or name fewer columns.';

export type AskedResult = {
  csv: boolean;
  redirect: boolean;
  limit: number;
  cursor?: string;
  applied: Readonly<Record<string, string>>;
};

/**
 * The answer about a query, by its state: its rows, the link to its CSV, a 202 while it runs, or why it has no result.
 */
export const answerQuery =
  (deps: Pick<SqlDeps, 'clock' | 'engine' | 'objects' | 'limits'>) =>
  async (status: QueryStatus, asked: AskedResult): Promise<Reply> => {
    try {
      if (!hasEnded(status)) return underWay(status, asked);
      if (status.state !== 'succeeded') throw whyNot(status, deps.limits);
      return await (asked.csv ? csv(deps, status, asked) : rows(deps, status, asked));
    } catch (error) {
      // With its id the caller can ask about the query again, whatever was wrong with this answer.
      if (error instanceof GranaryError) error.members = { ...error.members, query: status.id };
      throw error;
    }
  };

export const addressOf = (id: string): string => `/v1/query/${id}`;

export const unknownQuery = (id: string): NotFound =>
  new NotFound(`There is no query '${id}'; start one with POST /v1/query.`);

/** 202: to be asked about again. */
export const underWay = (
  { id, state, submitted_at, duration_ms }: Pick<QueryStatus, 'id' | 'state' | 'submitted_at' | 'duration_ms'>,
  { applied }: Pick<AskedResult, 'applied'>,
): Reply =>
  reply({
    status: 202,
    headers: { Location: addressOf(id), 'Retry-After': '1', ...applied },
    cache_control: 'no-store',
    body: { id, state, submitted_at, duration_ms },
  });

const rows = async (
  { engine }: Pick<SqlDeps, 'engine'>,
  { id, bytes_scanned, duration_ms, reused }: QueryStatus,
  { limit, cursor, applied }: AskedResult,
): Promise<Reply> => {
  const { columns, items, next } = await readResultPage(
    engine,
    id,
    cursor === undefined ? FIRST_PLACE : readCursor(cursor, isPlace),
    limit,
  );
  const head = JSON.stringify({ id, state: 'succeeded', columns });
  const foot = JSON.stringify({ next: next && writeCursor(next), bytes_scanned, duration_ms, reused });
  // Put together as text: numbers of any size stay digit by digit what the engine said.
  const text = `${head.slice(0, -1)},"items":[${items.join(',\n')}],${foot.slice(1)}`;
  return reply({
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      Location: addressOf(id),
      ...(next && nextLink(addressOf(id), { limit }, next)),
      ...applied,
      Vary: 'Accept',
    },
    cache_control: 'no-store',
    body: sendable(Buffer.from(text)),
  });
};

const csv = async (
  { clock, objects }: Pick<SqlDeps, 'clock' | 'objects'>,
  { id, result }: QueryStatus,
  { applied, redirect }: AskedResult,
): Promise<Reply> => {
  const found = result === null ? null : await objects.head(result);
  if (result === null || !found)
    throw new NotFound(`The result of the query '${id}' has expired. Run the query again.`);
  const named = { filename: `query_${id}.csv`, content_type: 'text/csv; charset=utf-8' };
  const location = await objects.presign(result, { expires_s: CSV_EXPIRES_S, ...named });
  const expires_at = new Date(clock() + CSV_EXPIRES_S * 1000).toISOString();
  const file = { location, ...named, bytes: found.bytes, expires_at, query: id };
  return fileReply(redirect, file, { headers: { ...applied, Vary: 'Accept' } });
};

/** The error of a query that has no result. */
const whyNot = ({ id, state, duration_ms, failure }: QueryStatus, limits: SqlDeps['limits']): GranaryError => {
  if (state === 'cancelled') {
    if (duration_ms < limits.seconds * 1000) return new QueryStopped(`The query '${id}' was stopped.`);
    return overdue(id, limits);
  }
  if (failure?.by === 'limit') {
    const message = `The query read more than the ${limits.bytes} bytes that one may. Name fewer columns, or use /v1/records, which reads only the rows that a filter leaves.`;
    return InvalidRequest.of('sql', message);
  }
  if (failure?.by === 'query') {
    const said = engineSentence(failure.message);
    const message = /exhausted resources|memory/i.test(said) ? `${said.replace(/\.?$/, '.')} ${LESS}` : said;
    return InvalidRequest.of('sql', message);
  }
  // Callers of a 5xx are told nothing; this is for the log, which holds no texts of queries: Athena has them under the
  // id.
  const message = failure?.message.replace(/'(?:[^']|'')*'/g, "'…'") ?? 'no reason was given';
  return new QueryEngineFailed(`The query ${id} failed: ${message}`);
};

/** Of a query that was, or is being, stopped for the time that it took. */
export const overdue = (id: string, { seconds }: SqlDeps['limits']): QueryStopped =>
  new QueryStopped(`The query '${id}' ran longer than ${seconds} s and was stopped. ${LESS}`);
