import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { operation, type ServiceOperation } from '../json-service.ts';
import { type InsightsEvent, readInsights } from './insights.ts';

/** How many answers are kept to be fetched. */
const MOST_QUERIES = 100;

/**
 * Logs Insights: a query is answered when it is started, and its answer fetched by its id. `eventsOf` throws for a
 * group that there is not.
 */
export const logQueries = (
  eventsOf: (groups: readonly string[], from: number, to: number) => InsightsEvent[],
): Record<string, ServiceOperation> => {
  type Answer = { results: { field: string; value: string }[][]; scanned: number };
  const answers = new Map<string, Answer>();
  return {
    StartQuery: operation(
      {
        logGroupName: 'text',
        logGroupNames: 'texts',
        startTime: 'integer!',
        endTime: 'integer!',
        queryString: 'text!',
        limit: 'integer',
      },
      ({ logGroupName, logGroupNames, startTime, endTime, queryString, limit = 10_000 }) => {
        const groups = logGroupNames ?? (logGroupName === undefined ? [] : [logGroupName]);
        if (groups.length === 0)
          throw new AwsError('InvalidParameterException', 'A query names one log group or more.');
        const run = readInsights(queryString);
        // Seconds; the end is one of them.
        const events = eventsOf(groups, startTime * 1000, endTime * 1000 + 999);
        const queryId = randomUUID();
        answers.set(queryId, { results: run(events).slice(0, limit), scanned: events.length });
        for (const old of [...answers.keys()].slice(0, -MOST_QUERIES)) answers.delete(old);
        return { queryId };
      },
    ),
    GetQueryResults: operation({ queryId: 'text!' }, ({ queryId }) => {
      const answer = answers.get(queryId);
      if (!answer) throw new AwsError('ResourceNotFoundException', 'The specified query does not exist.');
      const { results, scanned } = answer;
      return { status: 'Complete', results, statistics: { recordsMatched: results.length, recordsScanned: scanned } };
    }),
  };
};
