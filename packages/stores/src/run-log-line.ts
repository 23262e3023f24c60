import { GranaryError } from '@granary/domain/errors';
import type { RunLogFields, RunLogLine } from '@granary/domain/ports/run-log';
import { serviceAnswer } from '@granary/domain/rules/service-answer';
import { LONGEST_MESSAGE } from './log-batches.ts';

/** Characters of a message that would not fit; in UTF-8 and in JSON each may become six bytes. */
const CUT_LENGTH = 1000;

/**
 * A line as JSON. Its own members win over fields of the same name. Of errors that are not ours only the name is kept,
 * and of AWS's services which call it was and its id, since what others say may hold anything, and these names of our
 * account; a line that is too long for one event keeps the beginning of its message, and says how long it was.
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
  if (value instanceof GranaryError) return { code: value.code, message: value.message };
  const { operation, request_id } = serviceAnswer(value) ?? {};
  return { name: value.name, operation, request_id };
};
