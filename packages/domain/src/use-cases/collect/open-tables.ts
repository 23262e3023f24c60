import { RefusedContent } from '../../errors.ts';
import type { FoundTable } from '../../reading.ts';
import type { Resource, SourceDefinition } from '../../source.ts';
import { openResourceFile } from './resource-file.ts';
import { type UnpackedFile, unpackFile } from './unpack-file.ts';

type OpenFile = ReturnType<typeof openResourceFile>;
/** `bytes`: of the file that it stands in. */
export type TableOfFile = FoundTable & { bytes: number };

/**
 * The tables of a file, or of the files in it, which are unpacked into `folder`. `close` it when they were read. Throws
 * RefusedContent for what is no file of its kind.
 */
export const openTables = async (
  { source, message, path }: { source: SourceDefinition; message: { resource: Resource }; path: string },
  folder: string,
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
      const file = openResourceFile(each.path);
      opened.push(file);
      const tables = await tablesOf(source, message.resource, file, each.name, thorough);
      for (const table of tables) found.push({ ...inFile(table, each.name, tables.length, notes), bytes: file.bytes });
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
  file: OpenFile,
  member: string | undefined,
  thorough: boolean,
): Promise<readonly FoundTable[]> => {
  try {
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
