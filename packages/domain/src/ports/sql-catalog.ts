import type { DatasetId } from '../dataset.ts';
import type { HistoryTable, LatestTable, SqlTable } from '../sql-table.ts';

/** What the SQL engine knows of the tables (Glue). */
export type SqlCatalog = {
  getLatest(dataset: DatasetId): Promise<LatestTable | undefined>;
  getHistory(dataset: DatasetId): Promise<HistoryTable | undefined>;
  /** Creates the table or replaces it whole: whoever plans a query sees the old one or the new one. */
  putTable(table: SqlTable): Promise<void>;
  /** The address by which the engine finds an object of the data bucket: `s3://<bucket>/<key>`. */
  uriOf(key: string): string;
};

/** What a query needs to know of a table. */
export type SqlTimes = {
  /** When the table last became another (ms since the epoch); undefined where there is no such table. */
  changedAt(table: string): Promise<number | undefined>;
};
