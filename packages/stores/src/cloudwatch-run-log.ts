import type { ObjectWriter } from '@granary/domain/ports/object-store';
import type { RunLog, RunLogLine } from '@granary/domain/ports/run-log';
import { runLogKey } from '@granary/domain/rules/keys';
import { batchesOf, type LogEvent } from './log-batches.ts';
import { type LogGroup, makeStatusLog, PATIENCE_MS, putEvents, RejectedEvents } from './log-streams.ts';
import { lineOf } from './run-log-line.ts';

export type RunLogOptions = {
  objects: Pick<ObjectWriter, 'put'>;
  /** The group whose streams Info, Error and Status are written too. Without it lines go to objects only. */
  logs?: LogGroup;
  now?: () => number;
  /** Another name for each flush: it is part of the keys of its objects. */
  name: () => string;
  /** How long a flush may take (ms). */
  patience_ms?: number;
  /** Told of what could not be written. */
  report: (error: unknown) => void;
};

/** Lines that are kept for the next flush, in all objects or in a stream, while they cannot be written. */
export const LINES_KEPT = 10_000;

type Line = LogEvent & { run: string };
/** Its key is chosen once, so that to try again writes it over and not beside. */
type LogObject = { key: string; lines: readonly Line[] };
type Stream = 'Info' | 'Error';

/**
 * Lines of runs, one object per run and flush below `logs/…`, and for those who watch in CloudWatch Logs. One of the
 * two being away does not keep lines from the other. Flushes come one after the other, so that a line is never written
 * by two.
 */
export const makeRunLog = (options: RunLogOptions): RunLog => {
  const { objects, logs, now = Date.now, name, patience_ms = PATIENCE_MS, report } = options;
  let said: Line[] = [];
  let unwritten: LogObject[] = [];
  const streams: Record<Stream, LogEvent[]> = { Info: [], Error: [] };
  let dropped = 0;
  let flushed: Promise<void> = Promise.resolve();

  const say = (level: RunLogLine['level'], run: string, message: string, fields?: object): void => {
    const timestamp = now();
    const line = { timestamp, message: lineOf(timestamp, level, run, message, { ...fields }), run };
    said.push(line);
    dropped += dropOldest(said);
    if (!logs) return;
    const stream = streams[level === 'ERROR' ? 'Error' : 'Info'];
    stream.push(line);
    dropped += dropOldest(stream);
  };

  const writeObjects = async (signal: AbortSignal): Promise<void> => {
    const lines = said;
    said = [];
    const at = now();
    const key = name();
    unwritten.push(...byRun(lines).map(([run, own]) => ({ key: runLogKey(run, at, key), lines: own })));
    const left: LogObject[] = [];
    const late = aborted(signal);
    for (const object of unwritten) {
      const body = object.lines.map(({ message }) => `${message}\n`).join('');
      try {
        signal.throwIfAborted();
        const put = objects.put(object.key, new TextEncoder().encode(body), { content_type: 'application/x-ndjson' });
        await Promise.race([put, late]);
      } catch (error) {
        report(error);
        left.push(object);
      }
    }
    unwritten = left;
    while (unwritten.length > 1 && unwritten.reduce((sum, object) => sum + object.lines.length, 0) > LINES_KEPT) {
      dropped += unwritten.shift()!.lines.length;
    }
  };

  const writeStream = async (stream: Stream, signal: AbortSignal): Promise<void> => {
    if (!logs) return;
    const events = streams[stream];
    streams[stream] = [];
    const left: LogEvent[] = [];
    for (const batch of batchesOf(events)) {
      try {
        await putEvents(logs, stream, batch, signal);
      } catch (error) {
        report(error);
        if (!(error instanceof RejectedEvents)) left.push(...batch);
      }
    }
    streams[stream] = [...left, ...streams[stream]];
    dropped += dropOldest(streams[stream]);
  };

  const flush = async (): Promise<void> => {
    const signal = AbortSignal.timeout(patience_ms);
    await Promise.all([writeObjects(signal), writeStream('Info', signal), writeStream('Error', signal)]);
    if (dropped > 0) report(new Error(`${dropped} lines of runs could not be written in time, and were dropped.`));
    dropped = 0;
  };

  return {
    info: (run, message, fields) => say('INFO', run, message, fields),
    error: (run, message, fields) => say('ERROR', run, message, fields),
    async status(event) {
      if (!logs) throw new Error('This run log has no streams.');
      await makeStatusLog(logs, now).status(event);
    },
    flush() {
      flushed = flushed.then(flush).catch(report);
      return flushed;
    },
  };
};

/** Rejects when the signal comes, whether anybody waits for it or not. */
const aborted = (signal: AbortSignal): Promise<never> => {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  late.catch(() => {});
  return late;
};

/** How many were dropped. */
const dropOldest = (lines: unknown[]): number => lines.splice(0, Math.max(0, lines.length - LINES_KEPT)).length;

const byRun = (lines: readonly Line[]): (readonly [string, readonly Line[]])[] => [
  ...Map.groupBy(lines, ({ run }) => run),
];
