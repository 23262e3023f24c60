import type { DatasetDefinition, Resource, SourceDefinition } from '../../source.ts';
import { convertTable } from '../collect/convert-table.ts';
import { openResourceFile } from '../collect/resource-file.ts';
import type { Converted } from '../publish/publish-version.ts';

/** For tests and the bench: finds and converts the only table of a file, as collecting does. */
export const convertOnly = async ({
  source,
  resource,
  path,
  ...conversion
}: {
  source: Pick<SourceDefinition, 'tables'>;
  definition: DatasetDefinition;
  resource: Resource;
  path: string;
  folder: string;
  processing_date: string;
}): Promise<Converted> => {
  const file = openResourceFile(path);
  try {
    const [table, more] = await source.tables(resource, file);
    if (!table || more) throw new RangeError('The file does not hold one table.');
    return await convertTable({ ...conversion, read: table.read, bytes: file.bytes });
  } finally {
    file.close();
  }
};
