import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { ResourceStore } from '@granary/domain/ports/resource-store';
import type { SourceStore } from '@granary/domain/ports/source-store';
import type { PlanDeps } from '@granary/domain/use-cases/collect/plan-collection';
import type { EditDeps } from '@granary/domain/use-cases/sources/edit-source';
import * as z from 'zod/mini';

export type SourcesDeps = EditDeps & {
  store: SourceStore;
  catalog: Pick<CatalogReader, 'getDataset' | 'listDatasets'>;
  resources: Pick<ResourceStore, 'getRecord' | 'listRecords' | 'decide'>;
  plan: PlanDeps;
  /** Id of the source of users, which has a planner of its own. */
  users: string;
};

/** The path of one source. */
export const sourcePath = () => z.object({ id: z.string().check(z.regex(/^[a-z][a-z0-9_]*$/), z.maxLength(64)) });
