import { readWeighted } from '@granary/runtime/http/weighted';
import { refusal } from './refusals.ts';

export type FormatName = 'json' | 'ndjson' | 'csv' | 'parquet' | 'xlsx';
type Format = { type: string; ending: string };

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  json: { type: 'application/json; charset=utf-8', ending: 'json' },
  ndjson: { type: 'application/x-ndjson; charset=utf-8', ending: 'ndjson' },
  csv: { type: 'text/csv; charset=utf-8', ending: 'csv' },
  parquet: { type: 'application/vnd.apache.parquet', ending: 'parquet' },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', ending: 'xlsx' },
};

/** An answer's form. `single`: the one row as an object, as PostgREST has it; `stripped`: rows without their nulls. */
export type Form = { format: FormatName; single: boolean; stripped: boolean };

const form = (format: FormatName, single = false, stripped = false): Form => ({ format, single, stripped });

const SINGLE = 'application/vnd.pgrst.object';
const ARRAY = 'application/vnd.pgrst.array';

/** The answer's `Content-Type`. */
export const typeOf = ({ format, single, stripped }: Form): string => {
  const rows = single ? SINGLE : stripped ? ARRAY : null;
  return rows === null ? FORMATS[format].type : `${rows}+json${stripped ? ';nulls=stripped' : ''}; charset=utf-8`;
};

const TYPES: Readonly<Record<string, FormatName>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/vnd.pgrst.array+json': 'json',
  'application/vnd.pgrst.array': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'text/csv': 'csv',
  'text/*': 'csv',
  'application/vnd.apache.parquet': 'parquet',
  'application/x-parquet': 'parquet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};
const KNOWN = `Known are ${Object.values(FORMATS)
  .map(({ type }) => type.split(';')[0])
  .join(', ')} and ${SINGLE}+json; or format=${Object.keys(FORMATS).join('|')} in the address.`;

/**
 * The form asked for by `format=`, which says more than a header can, or by Accept (RFC 9110, 12.5.1). Throws
 * UnfitQuery (406, PGRST107).
 */
export const chooseForm = (named: string | undefined, accept: string | undefined): Form => {
  if (named !== undefined) {
    if (Object.hasOwn(FORMATS, named)) return form(named as FormatName);
    throw refusal(406, {
      code: 'PGRST107',
      message: `There is no format '${named.slice(0, 50)}'`,
      details: null,
      hint: KNOWN,
    });
  }
  if (!accept?.trim()) return form('json');
  let chosen: Form | undefined;
  let best = 0;
  for (const { value, parameters, weight } of readWeighted(accept)) {
    const found = formOf(value, parameters);
    if (!found || weight <= best) continue;
    chosen = found;
    best = weight;
  }
  if (chosen) return chosen;
  throw refusal(406, {
    code: 'PGRST107',
    message: `None of these media types are available: ${accept.slice(0, 200)}`,
    details: null,
    hint: KNOWN,
  });
};

const formOf = (type: string, parameters: readonly string[]): Form | undefined => {
  const bare = type.replace(/\+json$/, '');
  const stripped = parameters.includes('nulls=stripped');
  if (bare === SINGLE || (bare === ARRAY && stripped)) return form('json', bare === SINGLE, stripped);
  return Object.hasOwn(TYPES, type) ? form(TYPES[type]) : undefined;
};
