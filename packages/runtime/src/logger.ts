import { serviceAnswer } from '@granary/domain/rules/service-answer';
import { isoTime } from './iso-time.ts';
import { writeLine } from './stdout.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
const RANK: Record<LogLevel, number> = { DEBUG: 8, INFO: 12, WARN: 16, ERROR: 20 };

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * One JSON object a line, in the field names of Powertools (`level`, `message`, `timestamp`, `service`), so that its
 * saved queries work. Written by hand because loading Powertools costs every cold start 11 ms (docs/performance). Never
 * pass tokens, bodies or personal data: nothing is redacted here.
 */
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /**
   * `error` among the fields is written as its name, message and stack, and an AWS service's with the call that it
   * answered.
   */
  error(message: string, fields?: LogFields): void;
  /** The same logger with fields on every line. */
  with(fields: LogFields): Logger;
};

export type LoggerOptions = {
  service: string;
  /** Lines below it are dropped; INFO unless told. */
  level?: string;
  /** Takes a line that ends in a line break. */
  write?: (line: string) => void;
  now?: () => number;
};

export const makeLogger = (options: LoggerOptions): Logger => {
  const level = (options.level ?? 'INFO').toUpperCase();
  const threshold = RANK[level as LogLevel] ?? RANK.INFO;
  return loggerWith('', options, threshold, options.write ?? writeLine, options.now ?? Date.now);
};

/** `tail` is the JSON of the permanent fields, each with its leading comma, made once instead of on every line. */
const loggerWith = (
  tail: string,
  options: LoggerOptions,
  threshold: number,
  write: (line: string) => void,
  now: () => number,
): Logger => {
  const service = JSON.stringify(options.service);
  const line = (level: LogLevel, message: string, fields?: LogFields): void => {
    if (RANK[level] < threshold) return;
    const own = fields === undefined ? '' : members(fields);
    write(
      `{"level":"${level}","message":${JSON.stringify(message)},"timestamp":"${isoTime(now())}","service":${service}${tail}${own}}\n`,
    );
  };
  return {
    debug: (message, fields) => line('DEBUG', message, fields),
    info: (message, fields) => line('INFO', message, fields),
    warn: (message, fields) => line('WARN', message, fields),
    error: (message, fields) => line('ERROR', message, fields),
    with: (fields) => loggerWith(tail + members(fields), options, threshold, write, now),
  };
};

/** `,"a":1,"b":"x"`; fields that JSON has no word for are left out, as JSON.stringify does. */
const members = (fields: LogFields): string => {
  let text = '';
  for (const name in fields) {
    const json = JSON.stringify(plain(fields[name]));
    if (json !== undefined) text += `,${JSON.stringify(name)}:${json}`;
  }
  return text;
};

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const cause = value.cause instanceof Error ? { cause: plain(value.cause) } : {};
  const { operation, status, request_id } = serviceAnswer(value) ?? {};
  return { name: value.name, message: value.message, operation, status, request_id, stack: value.stack, ...cause };
};
