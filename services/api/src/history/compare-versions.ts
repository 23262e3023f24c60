import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest } from '@granary/domain/errors';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { TooManyRows } from '@granary/tabular/diff/blocks';
import { diffTableOf } from '@granary/tabular/diff/diff-table';
import { type Change, type Diff, diffTables } from '@granary/tabular/diff/diff-tables';
import { openVersion } from '../versions/version-table.ts';

/** What changed from one version to another, read as it is asked for. Throws InvalidRequest from `changes`. */
export const compareVersions = async (
  objects: Pick<ObjectReader, 'getRange'>,
  from: PublishedVersion,
  to: PublishedVersion,
): Promise<Diff> => {
  const [before, after] = await Promise.all([from, to].map((version) => openVersion(objects, version)));
  const diff = diffTables(diffTableOf(before, from.key), diffTableOf(after, to.key));
  return { ...diff, changes: explained(diff.changes, from, to) };
};

async function* explained(
  changes: Diff['changes'],
  { version: from }: PublishedVersion,
  { version: to, dataset }: PublishedVersion,
): AsyncGenerator<Change> {
  try {
    yield* changes;
  } catch (error) {
    if (!(error instanceof TooManyRows)) throw error;
    throw new InvalidRequest(
      `Versions ${from} and ${to} of '${dataset}' cannot be compared here: ${error.message}. Both can be downloaded, at /v1/datasets/${dataset}/download?version=.`,
    );
  }
}
