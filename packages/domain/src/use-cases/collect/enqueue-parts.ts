import { InvalidRequest } from '../../errors.ts';
import { inBatches } from '../../in-batches.ts';
import type { CollectionMessage } from '../../messages/collect.ts';
import type { CatalogWriter } from '../../ports/catalog.ts';
import type { Clock, Queue } from '../../ports/collecting.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { describe } from '../publish/describe-dataset.ts';
import { messageOf, type Planned } from './planned-parts.ts';

export type EnqueueDeps = {
  catalog: Pick<CatalogWriter, 'describeDataset'>;
  queue: Queue<CollectionMessage>;
  clock: Clock;
};

/**
 * Only declared datasets are described before their file is read. What an undeclared resource holds, and whether it can
 * be read at all, is not known until then.
 */
const isDeclared = ({ datasets }: SourceDefinition, { dataset }: Resource): boolean =>
  datasets.some(({ id }) => id === dataset);

/**
 * Describes the declared datasets of these parts, then enqueues a message for each part. Repeating it is harmless: a
 * part ends once.
 */
export const enqueueParts = async (
  { catalog, queue, clock }: EnqueueDeps,
  source: SourceDefinition,
  run: string,
  parts: readonly { part: number; planned: Planned }[],
): Promise<void> => {
  const resources = parts.flatMap(({ planned }) =>
    'resource' in planned && isDeclared(source, planned.resource) ? [planned.resource] : [],
  );
  await inBatches(resources, (resource) => describeUnlessInvalid(catalog, source, resource));
  const enqueued_at = new Date(clock()).toISOString();
  await queue.send(parts.map(({ part, planned }) => messageOf({ run, part, source: source.id, enqueued_at }, planned)));
};

/** A dataset that cannot be described does not stop the others: its own part fails later, and says why. */
const describeUnlessInvalid = async (
  catalog: Pick<CatalogWriter, 'describeDataset'>,
  source: SourceDefinition,
  resource: Resource,
): Promise<void> => {
  try {
    await catalog.describeDataset(describe(source, resource));
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
  }
};
