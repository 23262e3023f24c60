import { refusal } from './refusals.ts';

export type Counting = 'exact' | 'planned' | 'estimated' | 'none';
export type Preferences = {
  counting: Counting;
  /** What of them is heeded, as `Preference-Applied` says it (RFC 7240); empty when nothing is. */
  applied: string;
};

/** The preferences that PostgREST knows. Those about writing are accepted and have no effect. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  count: ['exact', 'planned', 'estimated'],
  handling: ['strict', 'lenient'],
  // Times are written in UTC, and in nothing else.
  timezone: ['UTC', 'Etc/UTC', 'GMT'],
  resolution: ['merge-duplicates', 'ignore-duplicates'],
  return: ['representation', 'minimal', 'headers-only'],
  params: ['single-object'],
  tx: ['commit', 'rollback'],
  missing: ['default', 'null'],
};

const PREFERENCE = /^([\w-]+)\s*=\s*"?([^"\s]*)"?$/;

/**
 * Reads `Prefer`: the first of each name counts. Throws UnfitQuery (PGRST122) for one that is not known where
 * `handling=strict` is among them.
 */
export const readPreferences = (header: string | undefined): Preferences => {
  const said = new Map<string, string>();
  const unknown: string[] = [];
  for (const part of (header ?? '').slice(0, 2000).split(',')) {
    const text = part.split(';')[0]!.trim();
    if (text === '') continue;
    const [, name = '', value = ''] = PREFERENCE.exec(text) ?? [];
    const key = name.toLowerCase();
    const isKnown = Object.hasOwn(KNOWN, key)
      ? KNOWN[key]!.includes(value)
      : /^max-affected=\d{1,15}$/.test(`${key}=${value}`);
    if (!isKnown) unknown.push(text);
    else if (!said.has(key)) said.set(key, value);
  }
  const strict = said.get('handling') === 'strict';
  if (strict && unknown.length > 0)
    throw refusal(400, {
      code: 'PGRST122',
      message: 'Invalid preferences given with handling=strict',
      details: `Invalid preferences: ${unknown.join(', ').slice(0, 200)}`,
      hint: null,
    });
  // Nothing is affected by a reading, so any number of rows will do; PostgREST heeds it with strict handling alone.
  const heeded = ['count', 'handling', 'timezone', ...(strict ? ['max-affected'] : [])];
  return {
    counting: (said.get('count') ?? 'none') as Counting,
    applied: heeded.flatMap((name) => (said.has(name) ? [`${name}=${said.get(name)}`] : [])).join(', '),
  };
};
