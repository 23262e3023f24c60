import type { PublishedVersion, WrittenVersion } from '../../dataset.ts';
import { Conflict, NotFound } from '../../errors.ts';
import { nextSemver } from '../../rules/contract.ts';
import { dataPackage } from '../../rules/data-package.ts';
import type { Decide } from './decide-version.ts';
import { type PublishDeps, publishNext, type Reserved } from './publish-next.ts';
import type { Settled } from './settle-versions.ts';
import { copyObjects } from './version-objects.ts';

/**
 * Publishes what an earlier version holds as the next one, because those after it were found wrong: history only grows,
 * and whoever reads a version by its number or a time is not disturbed. What the versions between were made of is not
 * published again (decided-before.ts). Done again while its result is the latest it changes nothing, and an attempt
 * that died is taken over at once.
 *
 * Throws NotFound; Conflict for a version that was never published or is the latest; NotReadBack when its files are not
 * what they were; and PublicationBusy while a worker publishes the dataset.
 */
export const restoreVersion =
  (deps: PublishDeps) =>
  async (asked: Decide): Promise<PublishedVersion> => {
    const earlier = await publishedVersion(deps, asked);
    const { version } = await publishNext(deps)({
      dataset: asked.dataset,
      owner: `restore/${asked.version}`,
      async already({ latest }) {
        if (latest?.version === asked.version) throw isLatest(latest);
        if (latest?.restores?.version !== asked.version) return undefined;
        return { outcome: 'unchanged', version: latest };
      },
      write: (reserved, settled) => write(deps, earlier, reserved, settled, asked.by),
    });
    // Neither what stands for it nor what is written is ever withheld.
    return version as PublishedVersion;
  };

const write = async (
  { objects, clock }: PublishDeps,
  earlier: PublishedVersion,
  { version, attempt, owner, created_at, prefix }: Reserved,
  { dataset, latest }: Settled,
  by: string,
): Promise<PublishedVersion> => {
  if (!dataset)
    throw new NotFound(`There is no dataset '${earlier.dataset}'; the known ones are listed at /v1/datasets.`);
  const { held: _held, released: _released, ...content } = earlier;
  const at = new Date(clock()).toISOString();
  const semver = nextSemver(latest, content);
  const descriptor = dataPackage({ ...content, dataset, version, semver, created: at });
  const files = await copyObjects(objects, prefix, earlier, descriptor);
  const restores = { version: earlier.version, by, at };
  return { ...content, semver, version, attempt, owner, created_at, published_at: at, prefix, files, restores };
};

const publishedVersion = async (
  { catalog }: Pick<PublishDeps, 'catalog'>,
  { dataset, version }: Decide,
): Promise<PublishedVersion> => {
  const found = await catalog.getVersion(dataset, version);
  if (!found || found.state === 'pending')
    throw new NotFound(`The dataset '${dataset}' has no version ${version}; ${listed(dataset)}.`);
  if (found.state === 'published') return found;
  throw neverPublished(found);
};

const listed = (dataset: string): string => `those that can be restored are listed at /v1/datasets/${dataset}/versions`;

const isLatest = ({ dataset, version }: PublishedVersion): Conflict =>
  new Conflict(`Version ${version} of '${dataset}' is the latest, which readers have already; ${listed(dataset)}.`);

const neverPublished = ({ dataset, version, state }: WrittenVersion): Conflict =>
  new Conflict(
    state === 'held'
      ? `Version ${version} of '${dataset}' is held: there is nothing to go back to before it is released (/v1/admin/datasets/${dataset}/versions/${version}/release); ${listed(dataset)}.`
      : `Version ${version} of '${dataset}' was rejected and is never published; ${listed(dataset)}.`,
  );
