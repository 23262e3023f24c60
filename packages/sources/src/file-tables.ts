import type { FoundTable, ResourceFile } from '@granary/domain/reading';
import { isParquet } from '@granary/tabular/foreign-parquet/read-foreign-parquet';
import { isWorkbook } from './csv/content-check.ts';
import { csvTables } from './csv/csv-tables.ts';
import { isJson, jsonTables } from './json-tables.ts';
import { parquetTables } from './parquet-tables.ts';
import { workbookTables } from './workbook-tables.ts';

/** What is declared of a file, whatever its form. */
export type DeclaredTables = Parameters<typeof workbookTables>[0] &
  Parameters<typeof parquetTables>[0] &
  Parameters<typeof jsonTables>[0] &
  Parameters<typeof csvTables>[0];

/** The tables of a file. What it is shows in its bytes, not in its name. Throws RefusedContent for what is none. */
export const fileTables = (
  declared: DeclaredTables,
  file: ResourceFile,
  thorough: boolean | undefined,
): Promise<readonly FoundTable[]> => {
  if (isWorkbook(file)) return workbookTables(declared, file);
  if (isParquet(file.read(0, 4))) return parquetTables(declared, file);
  return isJson(file) ? jsonTables(declared, file) : csvTables(declared, file, thorough);
};
