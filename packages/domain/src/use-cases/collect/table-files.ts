import { join } from 'node:path';
import { fileSink } from '@granary/tabular/sink';
import type { ConvertedFiles } from '../publish/publish-version.ts';
import { quarantineWriter } from './quarantine-writer.ts';

export type TableFiles = ReturnType<typeof createTableFiles>;

/** The files that become a version, in a folder. Whoever creates them ends or abandons them. */
export const createTableFiles = (folder: string) => {
  const pathOf = (name: string): string => join(folder, name);
  const parquet = fileSink(pathOf('data.parquet'));
  const csvGz = fileSink(pathOf('data.csv.gz'));
  const quarantine = quarantineWriter(pathOf('quarantine.ndjson.gz'));
  const profile = fileSink(pathOf('profile.json'));
  const all = [parquet, csvGz, quarantine, profile];
  return {
    parquet,
    csvGz,
    quarantine,
    profile,
    /** Forgets what was written. */
    restart(): void {
      for (const each of all) each.restart();
    },
    end: (): ConvertedFiles => ({
      'data.parquet': { path: pathOf('data.parquet'), ...parquet.end() },
      'data.csv.gz': { path: pathOf('data.csv.gz'), ...csvGz.end() },
      'quarantine.ndjson.gz': { path: pathOf('quarantine.ndjson.gz'), ...quarantine.end() },
      'profile.json': { path: pathOf('profile.json'), ...profile.end() },
    }),
    abandon(): void {
      for (const each of all) each.abandon();
    },
  };
};
