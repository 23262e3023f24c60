import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';

/**
 * Deletes every version of every object, and the markers of what was deleted, a page after the other. Does nothing
 * where there is no such bucket. `progress` is told how many went so far.
 */
export const emptyBucket = async (
  { clients: { s3 } }: Pick<Account, 'clients'>,
  Bucket: string,
  progress: (deleted: number) => void = () => {},
): Promise<void> => {
  let deleted = 0;
  for (;;) {
    // Always the first page: what was on it is gone the next time.
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket })).catch((error: Error) => {
      if (error.name !== 'NoSuchBucket') throw error;
    });
    const Objects = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first) {
      throw new Error(
        `${Errors.length} objects of ${Bucket} were not deleted, the first is ${first.Key}: ${first.Message ?? first.Code}. Run the same command again once that is mended.`,
      );
    }
    deleted += Objects.length;
    progress(deleted);
  }
};
