/** What is different on purpose: differences.json, and docs/query.md says the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Asking, lineOf } from './asking.ts';
import { type Aspect, differing, type Outcome } from './outcome.ts';

/**
 * Of requests that match `request`, outcomes (`status code rows`) that match `theirs` and `ours` may differ in
 * `aspects`.
 */
type Difference = {
  name: string;
  postgrest: string;
  here: string;
  why: string;
  request: string;
  theirs: string;
  ours: string;
  aspects: readonly Aspect[];
  /** Rows may differ in the last digits of their figures, and in nothing else. */
  nearly?: true;
  /** No outcome shows it: it is taken out before they are compared, or depends on the machine. */
  normalised?: true;
  /** A value that the request must have besides. */
  only?: string;
};

export const DIFFERENCES: readonly Difference[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'differences.json'), 'utf8'),
);

const summary = ({ status, code, rows }: Outcome): string => `${status} ${code} ${rows.length}`;

/** `undefined`: the two are the same. The difference's name where it is meant; null where it is not. */
export const verdict = (asking: Asking, theirs: Outcome, ours: Outcome): string | null | undefined => {
  const line = lineOf(asking);
  const aspects = differing(theirs, ours);
  if (aspects.length === 0) return undefined;
  let left = new Set(aspects);
  let first: string | null = null;
  for (const difference of DIFFERENCES) {
    const fits =
      new RegExp(difference.request, 's').test(line) &&
      (difference.only === undefined || new RegExp(difference.only, 's').test(line)) &&
      new RegExp(difference.theirs).test(summary(theirs)) &&
      new RegExp(difference.ours).test(summary(ours));
    if (!fits || !difference.aspects.some((aspect) => left.has(aspect))) continue;
    if (difference.nearly && differing(theirs, ours, true).includes('rows')) continue;
    first ??= difference.name;
    left = new Set([...left].filter((aspect) => !difference.aspects.includes(aspect)));
  }
  return left.size === 0 ? first : null;
};

/** The list as docs/query.md has it. */
export const differencesTable = (): string =>
  [
    '| | PostgREST 12.0.2 | here | why |',
    '|---|---|---|---|',
    ...DIFFERENCES.map(
      ({ name, postgrest, here, why }) =>
        `| ${[name, postgrest, here, why].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`,
    ),
  ].join('\n');
