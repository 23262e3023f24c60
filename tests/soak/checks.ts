import type { Stack } from '../e2e/stack.ts';
import { json } from '../e2e/users-api.ts';
import type { Aws, Item } from './aws.ts';
import { readBackVersions } from './published-files.ts';
import { allRuns } from './settle.ts';

/** What one check found: how much it looked at, and what is wrong. */
export type Finding = { what: string; looked_at: number; wrong: string[] };

const runsEnded = async (stack: Stack): Promise<Finding> => {
  const runs = await allRuns(stack);
  const wrong = runs.filter(({ state }) => state === 'running').map(({ id }) => `${id} still runs`);
  return { what: 'every run ended', looked_at: runs.length, wrong };
};

const countsBalance = async (stack: Stack): Promise<Finding> => {
  const runs = await allRuns(stack);
  const wrong: string[] = [];
  for (const { id, kind, counts, users } of runs) {
    const { rows_read = 0, rows_published = 0, rows_quarantined = 0, rows_deduplicated = 0 } = counts;
    const accounted = rows_published + rows_quarantined + rows_deduplicated;
    if (rows_read !== accounted) wrong.push(`${id}: ${rows_read} rows read, ${accounted} accounted for`);
    if (kind === 'users' && users!.new + users!.overwritten !== rows_published)
      wrong.push(`${id}: ${rows_published} users published, ${users!.new} new and ${users!.overwritten} overwritten`);
  }
  return { what: 'counts balance', looked_at: runs.length, wrong };
};

type Letter = { id: string; queue: string; run: string | null; part: number | null; reason: string };

/** A queue runs empty; a dead letter is of a part that its run says has failed. */
const noMessageLost = async (stack: Stack, aws: Aws): Promise<Finding> => {
  const wrong: string[] = [];
  for (const queue of ['collect', 'fetch-users']) {
    const waiting = await aws.messages(queue);
    if (waiting > 0) wrong.push(`${waiting} messages wait in ${queue}`);
  }
  const { items } = await json<{ items: Letter[] }>(stack, 'operator', '/v1/admin/dead-letters?limit=100');
  for (const { queue, run, part, reason } of items) {
    const found = run ? await json<{ errors: { part: number }[] }>(stack, 'reader', `/v1/runs/${run}`) : undefined;
    const known = found?.errors.some((error) => error.part === part);
    if (!known)
      wrong.push(
        `a dead letter of ${queue} is of part ${part} of ${run}, which does not say that it failed: ${reason}`,
      );
  }
  return { what: 'no message is lost', looked_at: items.length, wrong };
};

const isVersion = ({ sk }: Item): boolean => String(sk).startsWith('VERSION#');
const isWhole = (item: Item): boolean => isVersion(item) && item.state !== 'pending';

const filesReadBack = async (aws: Aws): Promise<Finding> => {
  const versions = (await aws.items()).filter(isWhole);
  return {
    what: 'every file of a version reads back',
    looked_at: versions.length,
    wrong: await readBackVersions(aws, versions),
  };
};

/** The numbers of a dataset's versions have no gap, and its pointer names one that is there. */
const numbersWhole = async (aws: Aws): Promise<Finding> => {
  const items = await aws.items();
  const datasets = items.filter(({ pk, sk }) => String(pk).startsWith('DATASET#') && sk === 'META');
  const wrong: string[] = [];
  for (const { pk, id, latest } of datasets) {
    const numbers = items.filter((item) => item.pk === pk && isWhole(item)).map(({ version }) => Number(version));
    const expected = numbers.map((_, index) => index + 1);
    if (String(numbers.toSorted((a, b) => a - b)) !== String(expected)) wrong.push(`${id} has the versions ${numbers}`);
    if (latest !== null && latest !== undefined && !numbers.includes(Number(latest)))
      wrong.push(`${id} points at ${latest}, which is not there`);
  }
  return { what: 'versions are numbered without a gap', looked_at: datasets.length, wrong };
};

/**
 * Every folder of objects is a version's, or of an attempt at the newest number or the one after it, which the next
 * publication removes. What is named by a version is there: the check of its files says so.
 */
const noOrphans = async (aws: Aws): Promise<Finding> => {
  const keys = await aws.keys('versions/');
  const items = (await aws.items()).filter(isVersion);
  const known = new Set(
    items.map(({ dataset, version, attempt }) => `${dataset}/${String(version).padStart(6, '0')}-${attempt}`),
  );
  const newest = new Map<string, number>();
  for (const { dataset, version, state } of items)
    if (state !== 'pending') newest.set(dataset, Math.max(newest.get(dataset) ?? 0, version));
  const folders = new Set(keys.map((key) => key.split('/').slice(1, 3).join('/')));
  const wrong: string[] = [];
  for (const folder of folders) {
    const [dataset = '', name = ''] = folder.split('/');
    if (!known.has(folder) && Number(name.split('-')[0]) < (newest.get(dataset) ?? 0))
      wrong.push(`versions/${folder}/ is nobody's`);
  }
  return { what: "every object is a version's", looked_at: folders.size, wrong };
};

/** All that must hold when everybody has gone home. */
export const checkAll = async (stack: Stack, aws: Aws): Promise<Finding[]> => [
  await runsEnded(stack),
  await countsBalance(stack),
  await noMessageLost(stack, aws),
  await filesReadBack(aws),
  await numbersWhole(aws),
  await noOrphans(aws),
];
