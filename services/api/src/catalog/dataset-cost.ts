import type { Dataset, WrittenVersion } from '@granary/domain/dataset';
import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { RunReader } from '@granary/domain/ports/run-store';
import { PRICES, usdOf } from '@granary/domain/prices';
import type { Run } from '@granary/domain/run';

export type CostDeps = {
  catalog: CatalogReader;
  runs: RunReader;
  /** Where it is deployed. */
  region?: string | undefined;
  now?: () => number;
};

const DAYS = 30;
const DAY_MS = 86_400_000;
const GB = 1e9;
/** Pages of runs that are looked through: with every source's, thirty days of one run an hour. */
const MOST_PAGES = 10;
const PAGE = 100;

const ASSUMPTIONS = [
  `List prices without free tiers and taxes; of ${PRICES.region}, wherever it is deployed.`,
  'Stored are all versions, held and rejected ones too, the bytes they were made of and the copy as CSV; exports and backups of objects are not counted.',
  `Collecting is the estimate of each run of the source in the last ${DAYS} days, shared evenly among its parts: a dataset that changes costs more than one that does not.`,
  'What readers cause is not counted by dataset: docs/cost.md has it by the million requests.',
];

/**
 * What a dataset costs a month, by what is stored of it and by the runs that looked after it. Sums of USD are not
 * rounded.
 */
export const datasetCost = async ({ catalog, runs, region, now = Date.now }: CostDeps, dataset: Dataset) => {
  const since = new Date(now() - DAYS * DAY_MS).toISOString();
  const [versions, own] = await Promise.all([writtenVersions(catalog, dataset.id), runsOf(runs, dataset, since)]);
  const stored = storedOf(dataset, versions);
  const collecting = collectingOf(own.found);
  return {
    dataset: dataset.id,
    estimate: true as const,
    currency: 'USD' as const,
    prices: { region: PRICES.region, as_of: PRICES.as_of, deployed_in: region ?? null },
    usd_per_month: stored.usd_per_month + collecting.usd,
    stored,
    collecting: { days: DAYS, since, complete: own.complete, ...collecting },
    assumptions: ASSUMPTIONS,
  };
};

const writtenVersions = async (catalog: CatalogReader, id: string): Promise<readonly WrittenVersion[]> => {
  const found: WrittenVersion[] = [...(await catalog.listWithheld(id))];
  for (let before: number | undefined; ; ) {
    const page = await catalog.listVersions(id, { limit: PAGE, before });
    found.push(...page);
    if (page.length < PAGE) return found;
    before = page.at(-1)!.version;
  }
};

const storedOf = ({ latest }: Dataset, versions: readonly WrittenVersion[]) => {
  const sum = (bytes: readonly number[]) => bytes.reduce((all, one) => all + one, 0);
  const files = sum(versions.flatMap(({ files }) => Object.values(files).map(({ bytes }) => bytes)));
  // Two versions may be made of the same bytes, by two parsers.
  const raw = sum([...new Map(versions.map((version) => [version.raw.key, version.raw.bytes])).values()]);
  const latest_csv = versions.find(({ version }) => version === latest)?.files['data.csv.gz'].bytes ?? 0;
  const usage = { s3_gb_month: (files + raw + latest_csv) / GB };
  return { versions: versions.length, bytes: { files, raw, latest_csv }, usd_per_month: usdOf(usage) };
};

/**
 * Those of its source, and its own replays, newest first, in the time that is looked at; not `complete` where there are
 * more than are looked through.
 */
const runsOf = async (
  runs: RunReader,
  { id, source }: Dataset,
  since: string,
): Promise<{ found: Run[]; complete: boolean }> => {
  const found: Run[] = [];
  let before: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await runs.listRuns({ kind: 'collect', limit: PAGE, before });
    const recent = answer.runs.filter(({ started_at }) => started_at >= since);
    found.push(...recent.filter((run) => run.source === source && (run.replays?.dataset ?? id) === id));
    if (recent.length < answer.runs.length || answer.next === null) return { found, complete: true };
    before = answer.next;
  }
  return { found, complete: false };
};

const collectingOf = (runs: readonly Run[]) => {
  const share = (amount: (run: Run) => number) =>
    runs.reduce((sum, run) => sum + amount(run) / Math.max(1, run.parts), 0);
  return {
    runs: runs.length,
    requests: share(({ counts }) => counts.requests),
    usd: share(({ cost_usd_estimate }) => cost_usd_estimate),
  };
};
