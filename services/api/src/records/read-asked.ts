import { InvalidRequest } from '@granary/domain/errors';
import { beginsWithOperator } from '@granary/tabular/query/parse-filter';
import { chooseForm, type Form } from './formats.ts';
import { type Preferences, readPreferences } from './preferences.ts';
import { outOfRange } from './refusals.ts';

export type Parameter = readonly [name: string, value: string];

/** What an address and its headers ask for, before the columns are known. */
export type AskedRecords = {
  version: number | undefined;
  /** `as_of=`, a date or time, as it was given. */
  as_of: string | undefined;
  /** The header Accept-Datetime as it was given; undefined where the address says which version. */
  accept_datetime: string | undefined;
  /** What is read: the rows of the version, or what was not published of its file. */
  from: 'rows' | 'quarantine';
  form: Form;
  /** `format=` as it was given: links say it again. */
  format: string | undefined;
  /** Whether texts of a CSV that a spreadsheet would run get an apostrophe. */
  guard: boolean;
  /** False: the answer is a 200 with the link to a file of the rows, in place of the rows or a redirect. */
  redirect: boolean;
  preferences: Preferences;
  /** Of the header `Range`, first and last row; null where there is none. */
  range: { first: number; last: number | null } | null;
  /** The query language's own parameters, by name; those of one name in the order they came. */
  parameters: readonly Parameter[];
};

type Headers = Readonly<Record<string, string | undefined>>;

const OWN: ReadonlySet<string> = new Set(['version', 'as_of', 'from', 'format', 'guard', 'redirect']);

/**
 * Tells our own parameters from the query's: one whose value begins with an operator is a filter on a column of that
 * name.
 */
export const readAsked = (query: Readonly<Record<string, string | string[]>>, headers: Headers): AskedRecords => {
  const own = new Map<string, string>();
  const parameters: Parameter[] = [];
  for (const [name, given] of Object.entries(query)) {
    for (const value of [given].flat()) {
      if (!OWN.has(name) || beginsWithOperator(value)) parameters.push([name, value]);
      else if (own.has(name)) throw unfit(name, 'may be given once');
      else own.set(name, value);
    }
  }
  parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const version = own.get('version');
  if (version !== undefined && !/^[1-9]\d{0,5}$/.test(version))
    throw unfit('version', 'must be the number of a version');
  const as_of = own.get('as_of');
  if (version !== undefined && as_of !== undefined)
    throw unfit('as_of', 'says what version= says already; one of them');
  const from = own.get('from') ?? 'rows';
  if (from !== 'rows' && from !== 'quarantine') throw unfit('from', 'must be rows or quarantine');
  const guard = own.get('guard') ?? 'on';
  if (guard !== 'on' && guard !== 'off') throw unfit('guard', 'must be on or off');
  const redirect = own.get('redirect') ?? 'true';
  if (redirect !== 'true' && redirect !== 'false') throw unfit('redirect', 'must be true or false');
  return {
    version: version === undefined ? undefined : Number(version),
    as_of,
    accept_datetime: version === undefined && as_of === undefined ? headers['accept-datetime'] : undefined,
    from,
    form: chooseForm(own.get('format'), headers.accept),
    format: own.get('format'),
    guard: guard === 'on',
    redirect: redirect === 'true',
    preferences: readPreferences(headers.prefer),
    range: rangeOf(headers),
    parameters,
  };
};

const unfit = (field: string, message: string): InvalidRequest =>
  InvalidRequest.of(field, message, `${field}: ${message}.`);

/** `Range: 0-9` in items, as PostgREST takes it; ranges of bytes are not for rows, and are passed over. */
const rangeOf = ({ range, 'range-unit': unit }: Headers): AskedRecords['range'] => {
  const match = /^\s*(?:items=)?(\d{1,15})-(\d{0,15})\s*$/.exec(range ?? '');
  if (!match || (unit !== undefined && unit.trim().toLowerCase() !== 'items')) return null;
  const [first, last] = [Number(match[1]), match[2] === '' ? null : Number(match[2])];
  if (last !== null && last < first)
    throw outOfRange('The lower boundary must be lower than or equal to the upper boundary in the Range header.');
  return { first, last };
};
