import type { ServiceFacts } from './facts.ts';
import { STAGE } from './series.ts';

/** Where lines are: groups of logs by what writes them. */
type Place = 'api' | 'ingestion' | 'watch' | 'collect' | 'gateway' | 'users';

/** A question to the logs (Logs Insights), saved in the account; some of them are tables of the dashboard besides. */
export type SavedQuery = {
  /** Under `granary/<stage>/`. */
  name: string;
  asks: string;
  of: Place;
  /** Its steps, as Logs Insights takes them. */
  steps: readonly string[];
};

const query = (name: string, asks: string, of: Place, ...steps: string[]): SavedQuery => ({ name, asks, of, steps });

export const QUERIES = {
  freshness: query(
    'freshness',
    'How long ago did the source of each dataset give it, beside its schedule?',
    'watch',
    'filter message = "freshness"',
    'stats latest(age_h) as hours, latest(every_h) as schedule_hours, latest(overdue) as is_overdue by dataset',
    'sort hours desc',
    'limit 200',
  ),
  sourceHealth: query(
    'source-health',
    'How did the newest run of each source end, and how many failed one after the other?',
    'watch',
    'filter message = "source health"',
    'stats latest(state) as newest_run, latest(failed_runs) as failed, latest(run) as run_id by source',
    'sort failed desc',
  ),
  failedParts: query(
    'failed-resources',
    'Which datasets could not be collected, and why?',
    'collect',
    'filter message in ["part", "message failed"] and ispresent(error.message)',
    'stats count(*) as times, latest(error.message) as why, latest(run) as run_id by dataset',
    'sort times desc',
    'limit 50',
  ),
  routes: query(
    'routes',
    'How many requests has each route, how many errors, and how long do they take (ms)?',
    'api',
    'filter message = "request"',
    'stats count(*) as requests, sum(ClientErrors) as client_errors, sum(ServerErrors) as server_errors, pct(Latency, 50) as p50, pct(Latency, 95) as p95, pct(Latency, 99) as p99 by route',
    'sort requests desc',
    'limit 50',
  ),
  slowest: query(
    'slowest-requests',
    'Which requests took longest?',
    'api',
    'filter message = "request"',
    'fields @timestamp, route, status, Latency, cold_start, request_id, trace_id',
    'sort Latency desc',
    'limit 20',
  ),
  refused: query(
    'refused-requests',
    'Which requests did the gateway answer 4xx or 5xx, with or without a function?',
    'gateway',
    'filter status >= 400',
    'stats count(*) as answers by status, route, error',
    'sort answers desc',
    'limit 50',
  ),
  errors: query(
    'errors',
    'What went wrong last, in any function?',
    'ingestion',
    'filter level = "ERROR"',
    'fields @timestamp, function, message, error.name, error.message, request_id',
    'sort @timestamp desc',
    'limit 50',
  ),
  apiErrors: query(
    'api-errors',
    'What went wrong last, in any function of the API?',
    'api',
    'filter level = "ERROR"',
    'fields @timestamp, message, error.name, error.message, request_id, trace_id',
    'sort @timestamp desc',
    'limit 50',
  ),
  coldStarts: query(
    'cold-starts',
    'How many requests made a container first, and how long did those take?',
    'api',
    'filter message = "request" and cold_start = 1',
    'stats count(*) as requests, pct(Latency, 50) as p50, pct(Latency, 95) as p95 by route',
    'sort requests desc',
  ),
  unmaskedReaders: query(
    'readers-of-personal-data',
    'Who was shown personal data unmasked, and how much of it?',
    'users',
    'filter message = "personal data read"',
    'stats count(*) as answers, sum(UnmaskedUsers) as shown by sub, route',
    'sort shown desc',
    'limit 50',
  ),
} as const satisfies Readonly<Record<string, SavedQuery>>;

/** The groups of logs in which a query looks. */
export const groupsOf = ({ of }: SavedQuery, { functions }: ServiceFacts): string[] => {
  const group = (service: string, name: string) => `/aws/lambda/granary-${service}-${STAGE}-${name}`;
  if (of === 'gateway') return [`/aws/api-gateway/granary-api-${STAGE}`];
  if (of === 'users') return [`/granary/${STAGE}/users`];
  if (of === 'watch' || of === 'collect') return [group('ingestion', of)];
  return functions.filter(({ service }) => service === of).map(({ service, name }) => group(service, name));
};

/** Logs Insights looks at so many groups at once. */
export const MOST_GROUPS = 50;
