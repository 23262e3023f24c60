import type { OpenTable } from '../query/open-table.ts';
import { planGroups } from '../query/plan-groups.ts';
import { scanTable } from '../query/scan-table.ts';
import { createTableProfiler, type ProfileOptions, type TableProfile } from './profile-table.ts';

/** Profiles a Parquet file of ours, every value of which is read. */
export const profileStored = async (table: OpenTable, options?: ProfileOptions): Promise<TableProfile> => {
  const profiler = createTableProfiler(table.fields, options);
  const columns = table.fields.map((_, index) => index);
  const plans = planGroups(table, null);
  for await (const { count, columns: read } of scanTable(table, { plans, columns, enough: null }))
    profiler.add({ rows: count, columns: columns.map((index) => read.get(index)!) });
  return profiler.profile();
};
