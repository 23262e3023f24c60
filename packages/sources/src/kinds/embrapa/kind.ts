import { defineKind } from '@granary/domain/kind';
import { onlyTable } from '@granary/domain/reading';
import { folderOf } from '../../folder-of.ts';
import { EmbrapaConfig, fileOf } from './files.ts';
import { cellsOfRow } from './positions.ts';
import { readEmbrapaFile } from './read-file.ts';
import { wideTableOf } from './wide-table.ts';

/**
 * Tables of years as Embrapa's Vitibrasil publishes them: CSV files whose columns are years and whose lines are
 * products in sections, or countries. What the files look like, and what becomes of their faults: README.md.
 */
export const kind = defineKind({
  kind: 'embrapa',
  config: EmbrapaConfig,
  parser_version: 2,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  discover: ({ config }, base_url) =>
    config.files.map(({ name, kind, dataset }) => ({
      dataset,
      url: new URL(`${name}.csv`, folderOf(base_url)).href,
      hints: { file: name, kind },
    })),
  tables: async (source, resource, file) =>
    onlyTable(async (options, out) =>
      readEmbrapaFile(fileOf(source, resource.dataset), file.read(0, file.bytes), options, out),
    ),
  wideTable: (source, dataset) => wideTableOf(fileOf(source, dataset).kind),
  cellsOf: (source, { dataset, header }, row) => cellsOfRow(fileOf(source, dataset).kind, header, row),
});
