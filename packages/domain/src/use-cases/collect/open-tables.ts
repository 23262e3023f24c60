import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedContent } from '../../errors.ts';
import { type FoundTable, MoreTables, type ResourceFile } from '../../reading.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { beginningOf, isGrid } from './beginning-of.ts';
import { openResourceFile } from './resource-file.ts';
import { type UnpackedFile, unpackFile } from './unpack-file.ts';

type OpenFile = ReturnType<typeof openResourceFile>;
/** `bytes`: of the file that it stands in. `complete`: no rest of it was left out. */
export type TableOfFile = FoundTable & { bytes: number; complete: boolean };

export type FileOfResource = {
  source: SourceDefinition;
  message: { resource: Resource };
  path: string;
  /** Of a file of text, no more than about so many bytes are read; all of it when not said. */
  most_text?: number;
  /** A workbook or a page of HTML, which is held in memory, is refused if it has more bytes. */
  most_grid?: number;
};

/**
 * Opens the tables of a file, or of the files in it, which are unpacked into `tmpdir`, for as long as `use` takes.
 * `use` is called once more, with tables that were looked for thoroughly, when it throws MoreTables. Throws
 * RefusedContent for what is no file of its kind, and what `use` throws.
 */
export const withTables = async <T>(
  of: FileOfResource,
  tmpdir: string,
  use: (found: readonly TableOfFile[]) => Promise<T>,
): Promise<T> => {
  try {
    return await withFound(of, tmpdir, false, use);
  } catch (error) {
    if (!(error instanceof MoreTables)) throw error;
    return withFound(of, tmpdir, true, use);
  }
};

const withFound = async <T>(
  of: FileOfResource,
  tmpdir: string,
  thorough: boolean,
  use: (found: readonly TableOfFile[]) => Promise<T>,
): Promise<T> => {
  let folder: string | undefined;
  const inFolder = async (): Promise<string> => {
    folder ??= await mkdtemp(join(tmpdir, 'granary-unpacked-'));
    return folder;
  };
  try {
    const { found, close } = await openTables(of, inFolder, thorough);
    try {
      return await use(found);
    } finally {
      close();
    }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
};

const openTables = async (
  { source, message, path, most_text = Number.POSITIVE_INFINITY, most_grid }: FileOfResource,
  folder: () => Promise<string>,
  thorough: boolean,
): Promise<{ found: readonly TableOfFile[]; close(): void }> => {
  const { files, skipped } = source.unpacks
    ? await unpackFile(path, folder, source.max_bytes)
    : { files: [{ path } satisfies UnpackedFile], skipped: [] };
  const found: TableOfFile[] = [];
  const opened: OpenFile[] = [];
  const close = () => {
    for (const file of opened) file.close();
  };
  const notes =
    skipped.length > 0 ? [`Its archive also holds ${skipped.slice(0, 20).join(', ')}, which was not read.`] : [];
  try {
    for (const each of files) {
      const whole = openResourceFile(each.path);
      opened.push(whole);
      const file = beginningOf(whole, most_text);
      const complete = file.bytes === whole.bytes;
      const tables = await tablesOf(source, message.resource, file, each.name, { thorough, most_grid });
      for (const table of tables)
        found.push({ ...inFile(table, each.name, tables.length, notes), bytes: whole.bytes, complete });
    }
    return { found, close };
  } catch (error) {
    close();
    throw error;
  }
};

/** A member of an archive that holds no table counts as one that cannot be read, so that the others are published. */
const tablesOf = async (
  source: SourceDefinition,
  resource: Resource,
  file: ResourceFile,
  member: string | undefined,
  { thorough, most_grid = Number.POSITIVE_INFINITY }: { thorough: boolean; most_grid: number | undefined },
): Promise<readonly FoundTable[]> => {
  try {
    if (file.bytes > most_grid && isGrid(file))
      throw new RefusedContent(
        `It has ${file.bytes} bytes, and of a workbook or a page of HTML a preview reads ${most_grid} at most. Look at it with \`granary inspect FILE\`; collecting reads more.`,
      );
    return await source.tables(resource, file, thorough);
  } catch (error) {
    if (member === undefined || !(error instanceof RefusedContent)) throw error;
    return [{ name: '1', read: () => Promise.reject(error) }];
  }
};

/** Names a table after its member of the archive, and adds the notes of the archive to its report. */
const inFile = (
  { name, title, read, ...table }: FoundTable,
  member: string | undefined,
  of: number,
  notes: readonly string[],
): FoundTable => {
  if (member === undefined) return { name, ...(title !== undefined && { title }), read, ...table };
  const stem = member.replace(/\.[^./]*$/, '');
  return {
    ...table,
    name: of === 1 ? stem : `${stem}: ${name}`,
    title: of === 1 ? (title ?? stem) : `${stem}: ${title ?? name}`,
    async read(options, out) {
      const report = await read(options, out);
      return { ...report, notes: [...report.notes, ...notes] };
    },
  };
};
