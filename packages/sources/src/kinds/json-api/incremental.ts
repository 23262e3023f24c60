import type { Incremental, KnownRecord, RecordProgress } from '@granary/domain/changed-records';
import { RefusedContent } from '@granary/domain/errors';
import { parseDate, parseTimestamp } from '@granary/tabular/dates';
import { compactJson } from '@granary/tabular/json/compact-json';
import { parseJsonPath, valueAt } from '@granary/tabular/json/json-path';
import { eachRecord, jsonForm } from '@granary/tabular/json/json-records';
import { UnreadableJson } from '@granary/tabular/json/unreadable-json';
import * as z from 'zod/mini';
import { path } from './paging-config.ts';
import { exactNumbers } from './read-page.ts';

/** Only records that have changed are asked for. Those that the API deletes stay, until all are asked for. */
export const IncrementalConfig = z.strictObject({
  /** The parameter that takes the day, the moment or the number since which records have changed. */
  parameter: z.string().check(z.regex(/^[^\s&=?#]{1,100}$/)),
  /** Where a record says it: what grows when a record is changed, such as `$.updated_at`. */
  at: path(),
  /** Where a record says what it is known by, such as `[$.id]`. */
  key: z.array(path()).check(z.minLength(1)),
  /** Days, or where `at` is a number so much of it, that are asked for once more: changes may be shown late. */
  lag: z._default(z.number().check(z.minimum(0)), 1),
  /** Every so many days all records are asked for, and those that the API has deleted are left out. */
  whole_every: z.optional(z.int().check(z.minimum(1), z.maximum(3650))),
});
export type IncrementalConfig = z.infer<typeof IncrementalConfig>;

const DAY_MS = 86_400_000;

/** How changed records are asked for, and known again. `declared`: where they are in what is answered. */
export const incrementalOf = (
  { parameter, at, key, lag, whole_every }: IncrementalConfig,
  declared: { records?: string; pages: boolean },
): Incremental => ({
  ...(whole_every !== undefined && { whole_every }),
  addressSince(url, progress) {
    const since = new URL(url);
    since.searchParams.set(parameter, sinceText(progress, lag));
    return since.href;
  },
  async eachRecord(file, onRecord) {
    try {
      await eachRecord(file, jsonForm(file, declared), onRecord);
    } catch (error) {
      if (!(error instanceof UnreadableJson)) throw error;
      throw new RefusedContent(`The file is JSON that cannot be read: ${error.message}.`);
    }
  },
  known: (text) => knownRecord(text, at, key),
});

/** What is no record is known by its text: it is quarantined when it is read. */
const knownRecord = (text: string, at: string, key: readonly string[]): KnownRecord => {
  let record: unknown;
  try {
    record = JSON.parse(text, exactNumbers as never);
  } catch {
    const line = text.replace(/[\r\n]+/g, ' ');
    return { key: line, line, progress: null };
  }
  const line = compactJson(text);
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    return { key: line, line, progress: null };
  const values = key.map((one) => valueAt(record, parseJsonPath(one)));
  const missing = values.findIndex((value) => value === undefined || value === null);
  if (missing >= 0)
    throw new RefusedContent(`A record has nothing at '${key[missing]}' (incremental.key): ${line.slice(0, 200)}`);
  return { key: JSON.stringify(values), line, progress: progressOf(valueAt(record, parseJsonPath(at)), at) };
};

const progressOf = (value: unknown, at: string): RecordProgress | null => {
  if (value === undefined || value === null || value === '') return null;
  const text = String(value);
  if (/^-?\d{1,18}$/.test(text)) return { of: 'numbers', value: BigInt(text), text };
  const days = parseDate(text);
  // Finer than a millisecond is cut: the lag covers it.
  const moment = days === undefined ? parseTimestamp(text.replace(/(\.\d{3})\d+/, '$1')) : days * DAY_MS;
  if (moment !== undefined) return { of: 'moments', value: BigInt(moment), text };
  throw new RefusedContent(
    `'${text.slice(0, 100)}' at '${at}' of a record is no day, moment or whole number (incremental.at).`,
  );
};

/** In the way in which the API writes it: a day, or a moment with or without a zone. */
const sinceText = ({ of, value, text }: RecordProgress, lag: number): string => {
  if (of === 'numbers') return String(value - BigInt(Math.trunc(lag)));
  const moment = new Date(Number(value) - lag * DAY_MS).toISOString();
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return moment.slice(0, 10);
  return /(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${moment.slice(0, 19)}Z` : moment.slice(0, 19);
};
