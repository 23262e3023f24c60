import type { RunReader } from '@granary/domain/ports/run-store';
import type { Run, RunError } from '@granary/domain/run';
import { NO_USERS } from '@granary/domain/user';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { reply } from '@granary/runtime/http/reply';

/** One run of users at a time, so the newest that has ended is the first or second of them. */
const LOOK_AT = 5;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/status',
  auth: 'cognito',
  grants: ['runs:read'],
  summary: 'Reports the last fetch of users that ended; null before the first one',
  description:
    '`users` is the number of users written, `timestamp` (milliseconds) is when the fetch ended, `duration` is in seconds. For a 2xx response of a source, `response_content` gives only its length and hash.',
  examples: [{ summary: 'How the last fetch went', path: '/status' }],
  run:
    ({ runs }: { runs: RunReader }) =>
    async () => {
      const run = await lastEnded(runs);
      if (!run) return reply({ body: null });
      return reply({ body: statusOf(run), headers: { Link: `</v1/runs/${run.id}>; rel="describedby"` } });
    },
});

const lastEnded = async (runs: RunReader): Promise<Run | undefined> => {
  let before: string | undefined;
  do {
    const page = await runs.listRuns({ kind: 'users', limit: LOOK_AT, before });
    const ended = page.runs.find(({ ended_at }) => ended_at !== null);
    if (ended) return ended;
    before = page.next ?? undefined;
  } while (before !== undefined);
  return undefined;
};

const statusOf = ({ users = NO_USERS, counts, errors, ended_at, duration_s }: Run) => ({
  users: users.new + users.overwritten,
  api_calls: counts.requests,
  errors: errors.map(errorOf),
  timestamp: Date.parse(ended_at!),
  duration: duration_s,
});

const errorOf = ({ answer, url, message }: RunError) => ({
  host: answer?.host ?? hostOf(url),
  message,
  response: answer?.status ?? null,
  response_content: answer?.content ?? null,
});

const hostOf = (url: string | null): string | null => (url !== null && URL.canParse(url) ? new URL(url).host : null);
