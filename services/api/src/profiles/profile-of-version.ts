import type { PublishedVersion } from '@granary/domain/dataset';
import { NotFound } from '@granary/domain/errors';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { isPersonalColumn } from '@granary/domain/rules/personal-columns';
import { profileJson } from '@granary/tabular/profile/profile-json';
import { profileStored } from '@granary/tabular/profile/profile-stored';
import { openVersion } from '../versions/version-table.ts';

/** Cells that are read and counted in a few seconds. */
const MOST_CELLS = 20_000_000;

/**
 * The profile of a version, as JSON. Versions that were published before there were profiles are profiled now, from
 * their Parquet file. Throws NotFound where that would take too long.
 */
export const profileOfVersion = async (
  objects: Pick<ObjectReader, 'get' | 'getRange'>,
  version: PublishedVersion,
): Promise<string> => {
  const { dataset, version: number, prefix, files, fields, counts } = version;
  if (!files['profile.json']) {
    if (counts.rows_published * fields.length > MOST_CELLS)
      throw new NotFound(
        `Version ${number} of '${dataset}' was published before versions had profiles, and is too large to be profiled now. The next version that is published has one; /v1/datasets/${dataset}/facets counts the values of its columns.`,
      );
    const table = await openVersion(objects, version);
    return profileJson(await profileStored(table, { isPersonal: isPersonalColumn }));
  }
  const bytes = await objects.get(`${prefix}profile.json`);
  if (!bytes) throw new Error(`The object ${prefix}profile.json of a published version is missing.`);
  return Buffer.from(bytes).toString();
};
