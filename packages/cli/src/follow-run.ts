import { setTimeout as sleep } from 'node:timers/promises';
import type { PublicRun } from '@granary/local/api-client';
import { count, progress, say } from './output.ts';
import type { Stack } from './stack.ts';

const EVERY_MS = 500;

/** Waits until a run has ended, and tells meanwhile how far it is. */
export const followRun = async (stack: Stack, { id }: { id: string }): Promise<PublicRun> => {
  for (;;) {
    const run = await stack.json<PublicRun>(`/v1/runs/${encodeURIComponent(id)}`);
    progress(
      run.state === 'running'
        ? `${run.parts_done} of ${count(run.parts, 'file')}, ${count(run.counts.rows_published, 'row')} published`
        : '',
    );
    if (run.state !== 'running') return run;
    await sleep(EVERY_MS);
  }
};

/** What came of a run. Sets the exit code where something of it failed. */
export const sayRun = ({ state, counts, versions, errors }: PublicRun): void => {
  if (state !== 'succeeded') process.exitCode = 1;
  const done =
    versions.length > 0 ? `published ${versions.join(', ')}` : counts.unchanged > 0 ? 'unchanged' : 'nothing new';
  const rows = [
    ...(counts.rows_published > 0 ? [`${count(counts.rows_published, 'row')} published`] : []),
    ...(counts.rows_quarantined > 0 ? [`${counts.rows_quarantined.toLocaleString('en')} quarantined`] : []),
    ...(counts.rows_deduplicated > 0 ? [`${counts.rows_deduplicated.toLocaleString('en')} deduplicated`] : []),
  ];
  say(`${state}: ${[done, ...rows].join('; ')}`, ...errors.map(({ message }) => `  ✗ ${message}`));
};

/** How to read what a run has published. */
export const sayReading = (stack: Stack, { versions }: Pick<PublicRun, 'versions'>): void => {
  const [first] = versions;
  if (first === undefined) return;
  const dataset = first.replace(/@\d+$/, '');
  say(
    '',
    'Read the rows:',
    `  npx granary rows ${dataset} 'limit=10'${stack.named}`,
    `  curl -H "Authorization: Bearer $TOKEN" '${stack.address}/v1/records/${dataset}?limit=10'`,
  );
};
