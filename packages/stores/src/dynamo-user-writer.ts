import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { UserWriter } from '@granary/domain/ports/user-store';
import { jittered } from '@granary/domain/rules/backoff';
import { NO_USERS, type SealedUser, type UserCounts } from '@granary/domain/user';
import { type UserItem, writeOf } from './user-items.ts';

export type UserTable = {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
  random?: () => number;
  now?: () => number;
};

/** Writes at a time, of all pages of this process: a page of a hundred takes three round trips. */
const MOST_AT_ONCE = 40;
const BACKOFF_MS = { base: 50, cap: 2_000 };

type Verdict = keyof UserCounts;

export const makeDynamoUserWriter = ({
  client,
  table,
  random = Math.random,
  now = Date.now,
}: UserTable): UserWriter => {
  const whenFree = makeTurnstile(MOST_AT_ONCE);

  /** One attempt, which ends with the deadline. */
  const attempt = async (user: SealedUser, origin: string, left_ms: number): Promise<Verdict> => {
    const abortSignal = AbortSignal.timeout(left_ms);
    const command = new UpdateCommand({ TableName: table, ReturnValues: 'ALL_OLD', ...writeOf(user, origin) });
    const { Attributes: old } = await client.send(command, { abortSignal });
    return !old || (old as UserItem).first_written_by === origin ? 'new' : 'overwritten';
  };

  const writeOne = async (user: SealedUser, origin: string, deadline: number): Promise<Verdict> => {
    for (let attempts = 1; ; attempts++) {
      const left_ms = deadline - now();
      if (left_ms <= 0) return 'failed';
      try {
        return await attempt(user, origin, left_ms);
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      const wait = jittered(attempts, BACKOFF_MS, random);
      if (now() + wait >= deadline) return 'failed';
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };

  return {
    async write(users, { origin, deadline }) {
      const ended = await Promise.allSettled(users.map((user) => whenFree(() => writeOne(user, origin, deadline))));
      const counts = { ...NO_USERS };
      for (const result of ended) {
        // Thrown only after the others were written: a redelivery finds them as its own.
        if (result.status === 'rejected') throw result.reason;
        counts[result.value] += 1;
      }
      return counts;
    },
  };
};

const PASSING = new Set([
  ...['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'],
  ...['InternalServerError', 'InternalServerErrorException', 'InternalFailure', 'ServiceUnavailable'],
  ...['ServiceUnavailableException', 'TransactionConflictException', 'TimeoutError', 'AbortError', 'NetworkingError'],
]);

/** Too much at once, or a network that failed: the same write may work in a moment. */
const isPassing = (error: unknown): boolean => {
  const {
    name = '',
    code = '',
    $metadata,
  } = error as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  return PASSING.has(name) || ($metadata?.httpStatusCode ?? 0) >= 500 || /^(?:E[A-Z]{4,}|UND_ERR_\w+)$/.test(code);
};

/** Lets so many in at a time, in the order in which they came. */
const makeTurnstile = (most: number) => {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (inside === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on.
      if (next) next();
      else inside -= 1;
    }
  };
};
