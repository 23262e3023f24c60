import type { PublicRun } from './api-client.ts';

const number = (value: number) => value.toLocaleString('en-GB');
const LINE = 80;

/**
 * `users  1,000 written (990 new, 10 overwritten) in 10 calls, 0 quarantined, 0 failed`: what a run did to the users.
 * Written over two lines when it would not fit into 80 columns.
 */
export const usersLine = ({ counts, users }: PublicRun): string => {
  const { new: added = 0, overwritten = 0, failed = 0 } = users ?? {};
  const written = `users  ${number(added + overwritten)} written (${number(added)} new, ${number(overwritten)} overwritten)`;
  const facts = [
    `${number(counts.requests)} ${counts.requests === 1 ? 'call' : 'calls'}`,
    // Two of a page with the same key are written once.
    ...(counts.rows_deduplicated > 0 ? [`${number(counts.rows_deduplicated)} merged`] : []),
    `${number(counts.rows_quarantined)} quarantined`,
    ...(failed > 0 || counts.errors === 0 ? [`${number(failed)} failed`] : []),
    ...(counts.errors > 0 ? [`${number(counts.errors)} ${counts.errors === 1 ? 'page' : 'pages'} failed`] : []),
  ];
  const [calls, ...rest] = facts;
  const line = `${written} in ${calls}, ${rest.join(', ')}`;
  return line.length <= LINE ? line : `${written} in ${calls},\n       ${rest.join(', ')}`;
};

const SHOWN_ERRORS = 5;
const asSentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** Which pages could not be fetched, why, and where to read more. */
export const usersFailure = (run: PublicRun): string => {
  const { errors, counts, parts, source, id } = run;
  // They come in the order in which the pages failed.
  const shown = errors
    .toSorted((a, b) => a.part - b.part)
    .slice(0, SHOWN_ERRORS)
    .map(({ part, message }) => `  page ${part}: ${message}`);
  const failed = Math.max(counts.errors, errors.length);
  if (failed > shown.length && shown.length > 0) shown.push(`  … and ${failed - shown.length} more`);
  const list = shown.length > 0 ? `Not fetched:\n${shown.join('\n')}\n\n` : '';
  const head =
    failed > 0
      ? `${failed} of ${parts} pages could not be fetched from ${source}`
      : `The fetch from ${source} could not be ended`;
  const reason = asSentence(errors[0]?.message ?? 'the run did not end in its time');
  return `${list}${head}: ${reason} What was written stays. See /v1/runs/${id}, /v1/runs/${id}/log and, as an operator, /v1/admin/dead-letters`;
};
