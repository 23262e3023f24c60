import { directiveOf } from '@granary/domain/metrics';
import type { ReadAudit } from '@granary/domain/ports/unmasked-reads';
import { type LogGroup, putEvents } from './log-streams.ts';

/**
 * The stream Audit: a line for each answer that showed personal data unmasked, in CloudWatch's Embedded Metric Format,
 * so that what was noted is also what is counted (`UnmaskedReads`, `UnmaskedUsers`). Nothing is kept back to be written
 * together: it is there before the answer is.
 */
export const makeReadAudit = (
  logs: LogGroup,
  of: { service: string; stage: string },
  now: () => number = Date.now,
): ReadAudit => ({
  write: async ({ sub, route, users }) => {
    const timestamp = now();
    const CloudWatchMetrics = [directiveOf('service', ['UnmaskedReads', 'UnmaskedUsers'])];
    const line = {
      timestamp: new Date(timestamp).toISOString(),
      message: 'personal data read',
      ...{ sub, route, users, ...of, UnmaskedReads: 1, UnmaskedUsers: users },
      _aws: { Timestamp: timestamp, CloudWatchMetrics },
    };
    await putEvents(logs, 'Audit', [{ timestamp, message: JSON.stringify(line) }]);
  },
});
