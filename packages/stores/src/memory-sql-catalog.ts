import type { SqlCatalog, SqlTimes } from '@granary/domain/ports/sql-catalog';
import { type HistoryTable, type LatestTable, type SqlTable, sqlTableName } from '@granary/domain/sql-table';

/** For tests and small tools. */
export const makeMemorySqlCatalog = ({
  now = Date.now,
  bucket = 'memory',
}: {
  now?: () => number;
  bucket?: string;
} = {}): SqlCatalog & SqlTimes => {
  const tables = new Map<string, { table: SqlTable; changed: number }>();
  const get = <Table extends SqlTable>(kind: Table['kind'], dataset: string): Table | undefined =>
    structuredClone(tables.get(sqlTableName({ kind, dataset }))?.table as Table | undefined);
  return {
    getLatest: async (dataset) => get<LatestTable>('latest', dataset),
    getHistory: async (dataset) => get<HistoryTable>('history', dataset),
    async putTable(table) {
      tables.set(sqlTableName(table), { table: structuredClone(table), changed: now() });
    },
    uriOf: (key) => `s3://${bucket}/${key}`,
    changedAt: async (name) => tables.get(name)?.changed,
  };
};
