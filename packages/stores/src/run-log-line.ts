import { GranaryError } from '@granary/domain/errors';
import type { RunLogFields, RunLogLine } from '@granary/domain/ports/run-log';
import { LONGEST_MESSAGE } from './log-batches.ts';

/** Characters of a message that would not fit; in UTF-8 and in JSON each may become six bytes. */
const CUT_LENGTH = 1000;

/**
 * A line as JSON. Its own members win over fields of the same name. Of errors that are not ours only the name is kept, since what others
 * say may hold anything; a line that is too long for one event keeps the beginning of its message, and says how long it was.
 */
export const lineOf = (
  at: number,
  level: RunLogLine['level'],
  run: string,
  message: string,
  fields: RunLogFields = {},
): string => {
  const own = { time: new Date(at).toISOString(), level, run, message };
  const text = JSON.stringify({ ...own, ...fields, ...own }, plain);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LONGEST_MESSAGE) return text;
  return JSON.stringify({ ...own, message: message.slice(0, CUT_LENGTH), cut_bytes: bytes });
};

const plain = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  return value instanceof GranaryError ? { code: value.code, message: value.message } : { name: value.name };
};
