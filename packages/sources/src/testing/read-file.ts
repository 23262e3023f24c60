/** For tests: reads a file as one of kind `files` of which nothing is declared. */
import { withKind } from '@granary/domain/kind';
import { MoreTables } from '@granary/domain/reading';
import type { Source } from '@granary/domain/source';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import type { Cell, ColumnType, QuarantineEntry } from '@granary/tabular/table';
import { kind } from '../kinds/files/kind.ts';

const about = { title: 'File', publisher: '', theme: 'file', tags: [], licence: { name: '', title: '' } };
const sourceOf = (declared: object): Source<never> => ({
  ...{ id: 'file', kind: 'files', ...about, schedule: 'rate(1 day)', base_url: 'file:///', requests_per_minute: 1 },
  max_bytes: 100_000_000,
  config: { files: [{ dataset: 'file_x', url: 'x', ...declared }] } as never,
  datasets: [{ id: 'file_x', title: 'File', description: 'File', fields: [], key: [] }],
});
const definedOf = (declared: object) => withKind(kind, sourceOf(declared) as never);
export const undeclared = definedOf({});
export const resource = { dataset: 'file_x', url: 'file:///x', hints: {} };

export type TableOfTest = {
  name: string;
  title?: string;
  header: readonly string[];
  names: readonly string[];
  types: readonly ColumnType[];
  rows: readonly (readonly Cell[])[];
  lines: readonly number[];
  quarantine: readonly QuarantineEntry[];
  notes: readonly string[];
};

/** Its tables, without `line` and `processing_date` among the columns. `declared`: of the file, as in a source. */
export const readFileTables = async (bytes: Uint8Array, declared: object = {}): Promise<TableOfTest[]> => {
  const source = definedOf(declared);
  const read = async (thorough: boolean): Promise<TableOfTest[]> => {
    const tables: TableOfTest[] = [];
    for (const table of await source.tables(resource, fileOfBytes(bytes), thorough)) {
      const memory = tableInMemory();
      const { header, notes } = await table.read({ processing_date: '2026-12-01' }, memory);
      const fields = memory.fields.slice(0, -2);
      tables.push({
        ...{ name: table.name, ...(table.title !== undefined && { title: table.title }), header, notes },
        names: fields.map(({ name }) => name),
        types: fields.map(({ type }) => type),
        rows: memory.rows_read.map((row) => fields.map(({ name }) => row[name]!)),
        lines: memory.rows_read.map((row) => Number(row[memory.fields.at(-2)!.name])),
        quarantine: memory.quarantined,
      });
    }
    return tables;
  };
  try {
    return await read(false);
  } catch (error) {
    if (!(error instanceof MoreTables)) throw error;
    return read(true);
  }
};
