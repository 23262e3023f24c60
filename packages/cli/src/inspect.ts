import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RefusedContent } from '@granary/domain/errors';
import { withKind } from '@granary/domain/kind';
import { MoreTables, type ReadReport } from '@granary/domain/reading';
import type { Resource, Source } from '@granary/domain/source';
import { convertTable } from '@granary/domain/use-cases/collect/convert-table';
import { openTables, type TableOfFile } from '@granary/domain/use-cases/collect/open-tables';
import { kind } from '@granary/sources/kinds/files/kind';
import type { Dialect, Field, QuarantineEntry } from '@granary/tabular/table';
import { type Format, writeTable } from './write-table.ts';

export type InspectedTable = {
  name: string;
  title?: string;
  place?: string;
  rows: number;
  rows_quarantined: number;
  /** Without `line` and `processing_date`. */
  fields: readonly Field[];
  dialect: Dialect;
  notes: readonly string[];
  /** The first few. */
  quarantine: readonly QuarantineEntry[];
  /** Where it was written to. */
  written?: string;
};

/** `refused`: why the file holds no table; of one of several, the others are there. */
export type Inspected = { file: string; tables: readonly InspectedTable[]; refused: readonly string[] };

export type Out = { folder: string; format: Format };

const SHOWN = 5;
/** More than any file of a laptop. */
const UNPACKED = 20_000_000_000;

/** A source of this file alone, of which nothing is declared. */
const sourceOf = () => {
  const about = { title: 'File', publisher: '', theme: 'file', tags: [], licence: { name: '', title: '' } };
  const source: Source<never> = {
    ...{ id: 'file', kind: 'files', ...about, schedule: 'rate(1 day)', base_url: 'file:///', requests_per_minute: 1 },
    max_bytes: UNPACKED,
    config: { files: [{ dataset: 'file_x', url: 'x' }] } as never,
    datasets: [{ id: 'file_x', title: 'File', description: 'File', fields: [], key: [] }],
  };
  return withKind(kind, source as never);
};
const RESOURCE: Resource = { dataset: 'file_x', url: 'file:///x', hints: {} };

/** Reads a file as collecting would: what its tables are, what is uncertain, what would be quarantined and why. */
export const inspectFile = async (path: string, name: string, out?: Out): Promise<Inspected> => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-inspect-'));
  try {
    for (const thorough of [false, true]) {
      try {
        return await inspectTables(path, name, folder, thorough, out);
      } catch (error) {
        if (!(error instanceof MoreTables)) throw error;
      }
    }
    throw new Error(`'${name}' says of each of its tables that there are more.`);
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error;
    return { file: name, tables: [], refused: [error.message] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const inspectTables = async (
  path: string,
  file: string,
  folder: string,
  thorough: boolean,
  out: Out | undefined,
): Promise<Inspected> => {
  const opened = await openTables({ source: sourceOf(), message: { resource: RESOURCE }, path }, folder, thorough);
  const tables: InspectedTable[] = [];
  const refused: string[] = [];
  try {
    for (const [index, table] of opened.found.entries()) {
      try {
        const target = out && join(out.folder, `${basename(file)}${index === 0 ? '' : `.${index + 1}`}.${out.format}`);
        tables.push(await inspectTable(table, folder, target, out?.format));
      } catch (error) {
        if (!(error instanceof RefusedContent)) throw error;
        refused.push(
          opened.found.length === 1 ? error.message : `Table '${table.title ?? table.name}': ${error.message}`,
        );
      }
    }
  } finally {
    opened.close();
  }
  return { file, tables, refused };
};

const inspectTable = async (
  { name, title, place, read, bytes }: TableOfFile,
  folder: string,
  target: string | undefined,
  format: Format | undefined,
): Promise<InspectedTable> => {
  const about = { name, ...(title !== undefined && { title }), ...(place !== undefined && { place }) };
  const quarantine: QuarantineEntry[] = [];
  let fields: readonly Field[] = [];
  let report: ReadReport | undefined;
  const definition = { id: 'file_x', title: 'File', description: 'File', fields: [], key: [] };
  const own = await mkdtemp(join(folder, 'table-'));
  const { counts, files } = await convertTable({
    ...{ definition, folder: own, bytes, processing_date: new Date().toISOString().slice(0, 10) },
    async read(options, sink) {
      report = await read(options, {
        begin(found) {
          fields = found;
          quarantine.length = 0;
          sink.begin(found);
        },
        rows: sink.rows,
        quarantine(entry) {
          if (quarantine.length < SHOWN) quarantine.push(entry);
          sink.quarantine(entry);
        },
      });
      return report;
    },
  });
  const { dialect, header, notes } = report!;
  const columns = fields.slice(0, -2);
  if (target && format === 'parquet') await copyFile(files['data.parquet'].path, target);
  else if (target && format) await writeTable(files['data.parquet'].path, { columns, header, format, target });
  await rm(own, { recursive: true, force: true });
  return {
    ...about,
    rows: counts.rows_published,
    rows_quarantined: counts.rows_quarantined,
    ...{ fields: columns, dialect, notes, quarantine },
    ...(target && { written: target }),
  };
};
