import type { KeySketch } from '@granary/tabular/key-sketch';
import type { Dialect, Field } from '@granary/tabular/table';
import type {
  PlausibilityFacts,
  PublishedVersion,
  RawObject,
  RowCounts,
  VersionFile,
  VersionFileName,
  WrittenVersion,
} from '../../dataset.ts';
import type { DatasetDescription } from '../../ports/catalog.ts';
import { nextSemver, type TableContract } from '../../rules/contract.ts';
import type { Years } from '../../rules/covered-years.ts';
import { dataPackage } from '../../rules/data-package.ts';
import { implausibilities, type PlausibilityLimits } from '../../rules/plausibility.ts';
import type { OpinionHeard } from '../../second-opinion.ts';
import { decidedBefore, isSame } from './decided-before.ts';
import { type PublishDeps, type Published, publishNext, type Reserved } from './publish-next.ts';
import { writeObjects } from './version-objects.ts';

export type LocalFile = VersionFile & { path: string };

export type ConvertedFiles = Readonly<Record<Exclude<VersionFileName, 'datapackage.json'>, LocalFile>>;

/** What is known of a table that was read. */
export type ReadTable = {
  counts: RowCounts;
  fields: readonly Field[];
  key: readonly string[];
  dialect: Dialect;
  header: readonly string[];
  notes: readonly string[];
  profile: PlausibilityFacts;
  second_opinion?: OpinionHeard;
  years?: Years;
  /** All its keys, which are not kept. */
  keys: Pick<KeySketch, 'shareOf'>;
};

/** A table that was converted: its local files, and what is known of it. */
export type Converted = ReadTable & { files: ConvertedFiles };

export type Publication = {
  dataset: DatasetDescription;
  run: string;
  part: number;
  raw: RawObject;
  parser_version: number;
  converted: Converted;
  /** Where the dataset has others than the default ones. */
  limits?: Partial<PlausibilityLimits>;
  contract?: TableContract;
  /** The fields that are declared of the dataset. */
  declared?: readonly Field[];
  /** Its bytes became versions before: what it holds tells whether there is anything to publish. */
  replays?: true;
};

/**
 * Publishes a converted table as the next version of its dataset (publish-next.ts). Bytes that the latest version was
 * made of already (somebody else was faster) are `unchanged`, and a part publishes once: so is what another delivery of
 * it has published meanwhile, and what an operator passed over by restoring an earlier version. A version that is
 * implausible beside the latest is held: committed, but the pointer stays where it is; so is what was made of these
 * bytes and held or rejected already (both are `withheld`).
 */
export const publishVersion =
  (deps: PublishDeps) =>
  (publication: Publication): Promise<Published> => {
    const owner = ownerOf(publication);
    const dataset = publication.dataset.id;
    return publishNext(deps)({
      dataset,
      owner,
      async already(settled) {
        const { latest, withheld } = settled;
        const { converted, replays } = publication;
        const isIt = (version: WrittenVersion) =>
          replays ? holdsTheSame(version, converted) : isSame(version, publication);
        if (latest && (isIt(latest) || latest.owner === owner)) return { outcome: 'unchanged', version: latest };
        const decided = await decidedBefore(deps, settled, { ...publication, dataset });
        // What an operator passed over stays so, whatever is made of its bytes now.
        const version = replays && decided?.state !== 'published' ? withheld.findLast(isIt) : decided;
        // The contract that held it may have been mended since.
        const isJudgedAnew = replays && version?.state === 'held';
        if (!version || (isJudgedAnew && reasonsOf(deps, publication, latest).length === 0)) return undefined;
        return version.state === 'published' ? { outcome: 'unchanged', version } : { outcome: 'withheld', version };
      },
      write: (reserved, { latest }) => write(deps, publication, reserved, latest),
    });
  };

/** Whether a version holds what was converted: the same rows, columns and quarantine, to the byte. */
export const holdsTheSame = (
  version: Pick<WrittenVersion, 'files' | 'fields' | 'key'>,
  { files, fields, key }: Pick<Converted, 'files' | 'fields' | 'key'>,
): boolean =>
  TABLE_FILES.every((name) => version.files[name].sha256 === files[name].sha256) &&
  JSON.stringify([version.fields, version.key]) === JSON.stringify([fields, key]);

/** The files of a version that are made of its source's bytes alone. */
export const TABLE_FILES = ['data.parquet', 'data.csv.gz', 'quarantine.ndjson.gz'] as const;

/** A part of a run, as its reservations and its version name it. */
export const ownerOf = ({ run, part }: { run: string; part: number }): string => `${run}/${part}`;

const write = async (
  { objects, clock }: PublishDeps,
  publication: Publication,
  { version, attempt, owner, created_at, prefix }: Reserved,
  latest: PublishedVersion | undefined,
): Promise<WrittenVersion> => {
  const { dataset, run, raw, parser_version, converted } = publication;
  const { files, keys: _keys, ...found } = converted;
  const at = new Date(clock()).toISOString();
  const { fields, key, counts } = found;
  const semver = nextSemver(latest, { fields, key });
  const descriptor = dataPackage({ dataset, version, semver, created: at, fields, key, raw, counts, files });
  const written = {
    ...{ dataset: dataset.id, version, attempt, owner, created_at, prefix, raw, parser_version },
    files: await writeObjects(objects, prefix, files, descriptor),
    ...found,
    semver,
    run,
  };
  const reasons = reasonsOf({ clock }, publication, latest);
  if (reasons.length === 0) return { ...written, state: 'published', published_at: at };
  return { ...written, state: 'held', held: { at, reasons, compared_with: latest?.version ?? null } };
};

/** Why it is implausible as the version after the latest; none where it may be published. */
const reasonsOf = (
  { clock }: Pick<PublishDeps, 'clock'>,
  { converted, parser_version, limits, contract, declared }: Publication,
  latest: PublishedVersion | undefined,
): string[] => {
  const { keys } = converted;
  const year = new Date(clock()).getUTCFullYear();
  return implausibilities({ ...converted, parser_version }, latest, { keys, limits, year, contract, declared });
};
