import type { DatasetId } from '../../dataset.ts';
import { RefusedContent } from '../../errors.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { assignDatasets } from '../collect/known-tables.ts';
import { withTables } from '../collect/open-tables.ts';
import { definitionOf } from '../publish/describe-dataset.ts';
import type { Converted } from '../publish/publish-version.ts';
import { type PreviewedTable, previewTable } from './preview-table.ts';

export type PreviewedFile = {
  /** Why none of it would be published; null when it holds tables. */
  refused: string | null;
  tables: readonly (PreviewedTable & {
    /** The dataset that it would become. */
    dataset: DatasetId;
  })[];
  /** Names of tables that were not read: there was no time, or there were too many columns before them. */
  unread: readonly string[];
};

export type PreviewFileOptions = {
  source: SourceDefinition;
  resource: Resource;
  path: string;
  tmpdir: string;
  clock: Clock;
  /** No more bytes of a text are read; no table is begun after that time (ms since the epoch). */
  most_text?: number;
  most_grid?: number;
  until?: number;
  /** Columns of all tables together, after which no table is begun, and characters of rows that are shown. */
  most_columns?: number;
  most_characters?: number;
  /** Called with each table, from 0, before it is removed. */
  onConverted?: (index: number, converted: Converted) => Promise<void>;
};

/** Reads a file as collecting would when its resource is new, and tells what would come of it. Publishes nothing. */
export const previewFile = async (options: PreviewFileOptions): Promise<PreviewedFile> => {
  const { source, resource, path, tmpdir, clock, most_text, most_grid, until = Number.POSITIVE_INFINITY } = options;
  const { most_columns = Number.POSITIVE_INFINITY, most_characters = 1_000_000, onConverted } = options;
  const at = new Date(clock()).toISOString();
  try {
    return await withTables({ source, message: { resource }, path, most_text, most_grid }, tmpdir, async (found) => {
      const { tables } = assignDatasets({ source, resource }, [], found, { headerOf: () => undefined, at });
      const previewed: PreviewedFile['tables'][number][] = [];
      const unread: string[] = [];
      const room = { characters: most_characters };
      let columns = 0;
      for (const [index, table] of found.entries()) {
        const { dataset } = tables[index]!;
        if (clock() > until || columns > most_columns) {
          unread.push(table.name);
          continue;
        }
        const one = await previewTable(table, {
          definition: definitionOf(source, resource, tables[index]!),
          ...{ tmpdir, processing_date: at.slice(0, 10), room },
          ...(onConverted && { onConverted: (converted) => onConverted(index, converted) }),
        });
        columns += one.columns.length;
        previewed.push({ dataset, ...one });
      }
      return { refused: null, tables: previewed, unread };
    });
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    return { refused: error.message, tables: [], unread: [] };
  }
};
