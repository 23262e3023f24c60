import { createTableProfiler, type TableProfile } from '@granary/tabular/profile/profile-table';
import { createTableSums, type TableSums } from '@granary/tabular/read-back/table-sums';
import type { Batch, Field, QuarantineEntry } from '@granary/tabular/table';
import { createTableWriter } from '@granary/tabular/table-writer';
import type { RowCounts } from '../../dataset.ts';
import { LedgerImbalance, RefusedContent } from '../../errors.ts';
import { coveredYears } from '../../rules/covered-years.ts';
import { isPersonalColumn } from '../../rules/personal-columns.ts';
import { plausibilityFaults } from '../../rules/plausibility.ts';
import type { DatasetDefinition } from '../../source.ts';
import type { ReadTable } from '../publish/publish-version.ts';
import { gatherPlausibility } from './gather-plausibility.ts';
import type { TableFiles } from './table-files.ts';

/** `folder`: for what is written meanwhile. `onQuarantine` is told of each entry of the quarantine, in its order. */
export type TableConversion = {
  definition: DatasetDefinition;
  folder?: string;
  onQuarantine?(entry: QuarantineEntry): void;
};

/** Where what is declared names columns that are not there. */
const faultsOf = ({ key, plausible = {} }: DatasetDefinition, fields: readonly Field[]): string[] => [
  ...key
    .filter((column) => !fields.some(({ name }) => name === column))
    .map((column) => `key: there is no column ${column}`),
  ...plausibilityFaults(fields, plausible),
];

/** The profile of its columns, and what it has to read back as. */
export type TableRead = { columns: TableProfile; sums: TableSums };

/**
 * Counts and profiles one table, and writes it where there are files for it. Every row that comes in is
 * published, quarantined or deduplicated, or else `end` throws. Throws RefusedContent for columns that do not fit what
 * is declared.
 */
export const tableConverter = (
  { definition, folder, onQuarantine: onEntry }: TableConversion,
  fields: readonly Field[],
  files?: TableFiles,
) => {
  const { id, key } = definition;
  const faults = faultsOf(definition, fields);
  if (faults.length > 0)
    throw new RefusedContent(
      `What is declared of '${id}' does not fit its columns (${fields.map(({ name }) => name).join(', ')}): ${faults.join('; ')}`,
    );
  const schema = { fields, key };
  const read = { emitted: 0, refused: 0, reason: '' };
  const onQuarantine = (entry: QuarantineEntry): void => {
    read.reason ||= `line ${entry.line}: ${entry.reason}`;
    files?.quarantine.write(entry);
    onEntry?.(entry);
  };
  const summer = createTableSums(fields);
  const gatherer = gatherPlausibility({ ...definition, fields });
  const profiler = createTableProfiler(fields, { isPersonal: isPersonalColumn });
  const onBatch = (batch: Batch): void => {
    summer.add(batch);
    gatherer.add(batch);
    profiler.add(batch);
  };
  const { parquet, csvGz } = files ?? {};
  const writer = createTableWriter({ schema, parquet, csvGz, folder, sort: true, onQuarantine, onBatch });

  const balanced = (table: { rows: number; deduplicated: number; quarantined: number }): RowCounts => {
    const counts: RowCounts = {
      rows_read: read.emitted + read.refused,
      rows_published: table.rows,
      rows_quarantined: read.refused + table.quarantined,
      rows_deduplicated: table.deduplicated,
    };
    const accounted = counts.rows_published + counts.rows_quarantined + counts.rows_deduplicated;
    if (accounted !== counts.rows_read)
      throw new LedgerImbalance(`'${id}': ${counts.rows_read} rows were read but ${accounted} are accounted for`);
    return counts;
  };

  return {
    rows(batch: Batch): void {
      read.emitted += batch.rows;
      writer.write(batch);
    },
    quarantine(entry: QuarantineEntry): void {
      read.refused += entry.rows;
      onQuarantine(entry);
    },
    async end(): Promise<Omit<ReadTable, 'dialect' | 'header' | 'notes'> & TableRead> {
      const counts = balanced(await writer.end());
      if (counts.rows_published === 0) {
        const why = read.reason ? `; ${read.reason}` : '';
        throw new RefusedContent(`None of its ${counts.rows_read} rows can be published${why}`);
      }
      const sums = summer.sums();
      const columns = profiler.profile();
      const years = coveredYears(columns.columns);
      const about = { profile: gatherer.profile(sums), keys: gatherer.keys, ...(years && { years }) };
      return { counts, fields, key, ...about, columns, sums };
    },
  };
};
