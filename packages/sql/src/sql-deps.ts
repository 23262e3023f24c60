import type { CatalogReader } from '@granary/domain/ports/catalog';
import type { Clock } from '@granary/domain/ports/collecting';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { QueryEngine } from '@granary/domain/ports/query-engine';
import type { SqlTimes } from '@granary/domain/ports/sql-catalog';

/** What the endpoints of SQL work with. */
export type SqlDeps = {
  catalog: Pick<CatalogReader, 'getDataset' | 'listDatasets'>;
  times: SqlTimes;
  engine: QueryEngine;
  objects: Pick<ObjectReader, 'head' | 'presign'>;
  clock: Clock;
  sleep: (ms: number) => Promise<unknown>;
  /**
   * How long a query may run, in seconds; how old a result may be that is given again, in minutes; how many bytes a
   * query may read.
   */
  limits: { seconds: number; reuse_minutes: number; bytes: number };
};

/** Any analyst who has one may read or stop the query: it is random, and told to nobody but who asked. */
export const QUERY_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
