/** What every step has to do with. */
import assert from 'node:assert/strict';
import type { RunningReplica } from '@granary/replica/replica';
import { type Cloud, until } from '../cloud.ts';

/** `edition`: how often the publisher has put up other files since the first year of all. */
export type World = { cloud: Cloud; replica: RunningReplica; edition: number };
export type Step = {
  name: string;
  run(world: World): Promise<void>;
  /** Brings back what a run of it that was broken off leaves, so that it can be made again. */
  heal?(world: World): Promise<void>;
};

export type Run = {
  id: string;
  state: string;
  versions: string[];
  counts: Record<string, number>;
  errors: { message: string; dataset: string | null }[];
};

export const ended = (cloud: Cloud, id: string, limit_ms = 90_000): Promise<Run> =>
  until(
    () => cloud.json<Run>(`/v1/runs/${id}`, { as: 'reader' }),
    ({ state }) => state !== 'running',
    limit_ms,
  );

/** Collects now, and is there when it has ended. */
export const collect = async ({ cloud }: World): Promise<Run> => {
  const asked = new Date().toISOString();
  const run = await planned(cloud);
  if (run.started_at >= asked) return ended(cloud, run.id);
  // A schedule was first: its run may have read files of the edition before.
  await ended(cloud, run.id);
  return ended(cloud, (await planned(cloud)).id);
};

const planned = async (cloud: Cloud): Promise<{ id: string; started_at: string }> => {
  // A step that was broken off may have left a source of its own.
  const { runs } = await cloud.invoke('ingestion', 'plan', { force: true, sources: ['embrapa'] });
  assert.equal(runs.length, 1, `one run was to be planned: ${JSON.stringify(runs)}`);
  return runs[0];
};
export const FIRST_YEAR = 2023;
/** Figures of years that are still to come are not published. */
export const LAST_YEAR = 2025;
export const MORE_YEARS = LAST_YEAR - FIRST_YEAR;

/** The next edition of every file: with another year, or with a newest figure that was corrected. */
export const nextEdition = (world: World): void => {
  world.edition++;
  world.replica.setFaults([]);
  world.replica.setVintage(FIRST_YEAR + Math.min(world.edition, MORE_YEARS));
  world.replica.setRevision(Math.max(0, world.edition - MORE_YEARS));
};

export const balanced = ({ counts }: Run): void =>
  assert.equal(counts.rows_read, counts.rows_published! + counts.rows_quarantined! + counts.rows_deduplicated!);

export const PRODUCTION = 'embrapa_producao';
