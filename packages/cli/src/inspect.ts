import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Resource, Source, SourceDefinition } from '@granary/domain/source';
import { openResourceFile } from '@granary/domain/use-cases/collect/resource-file';
import type { PreviewedColumn } from '@granary/domain/use-cases/preview/column-evidence';
import { previewFile } from '@granary/domain/use-cases/preview/preview-file';
import type { PreviewedTable } from '@granary/domain/use-cases/preview/preview-table';
import type { Converted } from '@granary/domain/use-cases/publish/publish-version';
import { guessConfig } from '@granary/sources/guess-source';
import { TABLE_KINDS } from '@granary/sources/kinds.gen';
import { unregistered } from '@granary/sources/unregistered';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import type { Dialect, QuarantineEntry } from '@granary/tabular/table';
import { type Format, writeTable } from './write-table.ts';

export type InspectedTable = {
  name: string;
  title?: string;
  place?: string;
  rows: number;
  rows_quarantined: number;
  /** Without `line` and `processing_date`. */
  fields: readonly PreviewedColumn[];
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

/** A source of this file alone, of which nothing is declared; of the kind that reads such bytes. */
const sourceOf = (path: string): SourceDefinition => {
  const file = openResourceFile(path);
  try {
    const about = { title: 'File', publisher: '', theme: 'file', tags: [], licence: { name: '', title: '' } };
    const { kind, config } = guessConfig(TABLE_KINDS, file, { dataset: 'file_x', url: 'x', link: null });
    const source: Source = {
      ...{ id: 'file', ...about, schedule: 'rate(1 day)', base_url: 'file:///', requests_per_minute: 1 },
      max_bytes: UNPACKED,
      ...{ kind, config },
      datasets: [{ id: 'file_x', title: 'File', description: 'File', fields: [], key: [] }],
    };
    return unregistered.define(source);
  } finally {
    file.close();
  }
};
const RESOURCE: Resource = { dataset: 'file_x', url: 'file:///x', hints: {} };

/** Reads a file as collecting would: what its tables are, what is uncertain, what would be quarantined and why. */
export const inspectFile = async (path: string, name: string, out?: Out): Promise<Inspected> => {
  const written = new Map<number, string>();
  const { tables, refused } = await previewFile({
    ...{ source: sourceOf(path), resource: RESOURCE, path, tmpdir: tmpdir(), clock: Date.now },
    ...(out && {
      onConverted: async (index, converted) => {
        written.set(index, await writeOut(out, basename(name), index, converted));
      },
    }),
  });
  const read = tables.filter((table) => table.refused === null);
  const reasons = tables.flatMap(({ refused: why, title, name: of }) =>
    why === null ? [] : [tables.length === 1 ? why : `Table '${title ?? of}': ${why}`],
  );
  return {
    file: name,
    tables: read.map((table) => inspected(table, written.get(tables.indexOf(table)))),
    refused: refused === null ? reasons : [refused],
  };
};

const inspected = (table: PreviewedTable, written: string | undefined): InspectedTable => {
  const { name, title, place, counts, columns, dialect, notes, quarantine } = table;
  return {
    ...{ name, ...(title !== undefined && { title }), ...(place !== undefined && { place }) },
    rows: counts.rows_published,
    rows_quarantined: counts.rows_quarantined,
    ...{ fields: columns, dialect: dialect!, notes, quarantine: quarantine.slice(0, SHOWN) },
    ...(written !== undefined && { written }),
  };
};

const writeOut = async (
  { folder, format }: Out,
  file: string,
  index: number,
  converted: Converted,
): Promise<string> => {
  const target = join(folder, `${file}${index === 0 ? '' : `.${index + 1}`}.${format}`);
  const { path } = converted.files['data.parquet'];
  const columns = converted.fields.filter((field) => !isProvenance(field.name));
  if (format === 'parquet') await copyFile(path, target);
  else await writeTable(path, { columns, header: converted.header, format, target });
  return target;
};
