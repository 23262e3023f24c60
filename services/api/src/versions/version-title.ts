import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';

/** The title of the dataset as it was when a version was published, which its descriptor keeps. */
export const titleOfVersion = async (
  objects: Pick<ObjectReader, 'get'>,
  { prefix }: Pick<PublishedVersion, 'prefix'>,
): Promise<string> => {
  const key = `${prefix}datapackage.json`;
  const bytes = await objects.get(key);
  if (!bytes) throw new Error(`The object ${key} of a published version is missing.`);
  return (JSON.parse(Buffer.from(bytes).toString()) as { title: string }).title;
};
