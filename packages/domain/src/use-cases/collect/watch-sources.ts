import type { DatasetId } from '../../dataset.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { RunReader } from '../../ports/run-store.ts';
import { rateMs } from '../../rules/schedule.ts';
import type { Run } from '../../run.ts';
import type { Schedule } from '../../source.ts';

/** How many schedules may pass without news of a dataset. */
const SCHEDULES = 2;
/** Runs are looked at this far back, of each kind: more than all sources start between two looks. */
const NEWEST = 100;

export type Freshness = {
  dataset: DatasetId | 'users';
  source: string;
  /** Hours since the source last gave it, changed or not; null when it never did. */
  age_h: number | null;
  /** Hours between two runs of its source. */
  every_h: number;
  overdue: boolean;
};
export type SourceHealth = {
  source: string;
  /** Its newest run that ended. */
  run: string;
  state: Run['state'];
  ended_at: string | null;
  /** Of the newest runs one after the other. */
  failed_runs: number;
};

export type WatchDeps = {
  catalog: Pick<CatalogReader, 'listDatasets'>;
  runs: Pick<RunReader, 'listRuns'>;
  /** Of every source that is collected, by its id; `users` says whose users are. */
  schedules: () => Promise<Readonly<Record<string, Schedule>>>;
  users: string;
  clock: Clock;
};

const HOUR_MS = 3_600_000;
const hours = (ms: number) => Math.round(ms / (HOUR_MS / 100)) / 100;

/**
 * How fresh each dataset is, and how each source's runs end. A dataset is overdue when its source gave it neither new
 * nor unchanged for twice its schedule, or never although a run of the source has ended. One
 * that its source no longer holds is not expected, nor is one that never was, since its file could not be read. Users
 * count as one dataset, as soon as a run of them has ended.
 */
export const watchSources =
  ({ catalog, runs, users, clock, ...deps }: WatchDeps) =>
  async (): Promise<{ freshness: readonly Freshness[]; health: readonly SourceHealth[] }> => {
    const [schedules, datasets, collecting, fetching] = await Promise.all([
      deps.schedules(),
      catalog.listDatasets(),
      runs.listRuns({ kind: 'collect', limit: NEWEST }),
      runs.listRuns({ kind: 'users', limit: NEWEST }),
    ]);
    // A replay asks no source: it says nothing of one.
    const ended = [...collecting.runs, ...fetching.runs].filter(
      ({ state, replays, checks }) => state !== 'running' && replays === undefined && checks === undefined,
    );
    const bySource = Map.groupBy(ended, ({ source }) => source);
    const health = [...bySource].map(([source, [newest, ...older]]) => {
      const failed = [newest!, ...older].findIndex(({ state }) => state !== 'failed');
      const { id, state, ended_at } = newest!;
      return { source, run: id, state, ended_at, failed_runs: failed < 0 ? older.length + 1 : failed };
    });

    const judge = (
      dataset: string,
      source: string,
      given: string | null | undefined,
      isRefused = false,
    ): Freshness[] => {
      const schedule = schedules[source];
      // A source that was taken out, deleted or paused: nobody brings its datasets any more, and nobody expects them.
      if (!schedule) return [];
      const age = given ? clock() - Date.parse(given) : null;
      const overdue = age === null ? bySource.has(source) && !isRefused : age > SCHEDULES * rateMs(schedule);
      return [{ dataset, source, age_h: age === null ? null : hours(age), every_h: hours(rateMs(schedule)), overdue }];
    };
    const usersBrought = fetching.runs.find(({ state }) => state === 'succeeded' || state === 'partial');
    const freshness = [
      ...datasets.flatMap(({ id, source, checked_at, gone_at, refused }) =>
        gone_at ? [] : judge(id, source, checked_at, refused !== null),
      ),
      ...(bySource.has(users) ? judge('users', users, usersBrought?.ended_at) : []),
    ];
    return { freshness, health };
  };
