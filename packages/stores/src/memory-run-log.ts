import type { RunLog, RunLogLine, RunStatusEvent } from '@granary/domain/ports/run-log';
import { lineOf } from './run-log-line.ts';

/** For tests: what was said, and what of it was flushed. */
export const makeMemoryRunLog = ({
  now = Date.now,
}: {
  now?: () => number;
} = {}): RunLog & {
  readonly lines: readonly RunLogLine[];
  readonly flushed: readonly RunLogLine[];
  readonly events: readonly RunStatusEvent[];
} => {
  const lines: RunLogLine[] = [];
  const flushed: RunLogLine[] = [];
  const events: RunStatusEvent[] = [];
  const say = (level: RunLogLine['level'], run: string, message: string, fields = {}): void => {
    lines.push(JSON.parse(lineOf(now(), level, run, message, fields)));
  };
  return {
    lines,
    flushed,
    events,
    info: (run, message, fields) => say('INFO', run, message, fields),
    error: (run, message, fields) => say('ERROR', run, message, fields),
    async status(event) {
      events.push(event);
    },
    async flush() {
      flushed.push(...lines.slice(flushed.length));
    },
  };
};
