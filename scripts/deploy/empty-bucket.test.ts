import { type DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { emptyBucket } from './empty-bucket.ts';

type Version = { Key: string; VersionId: string };

/**
 * A versioned bucket as far as it is emptied: S3 gives a thousand versions and markers a page. No emulator of npm has
 * versions.
 */
const bucketOf = (versions: Version[], markers: Version[], refused: string[] = []) => {
  const [there, gone] = [new Set(versions), new Set(markers)];
  let deletions = 0;
  const send = async (command: unknown) => {
    if (command instanceof ListObjectVersionsCommand) {
      const page = [...there, ...gone].slice(0, 1000);
      return { Versions: page.filter((one) => there.has(one)), DeleteMarkers: page.filter((one) => gone.has(one)) };
    }
    deletions += 1;
    const { Objects = [] } = (command as DeleteObjectsCommand).input.Delete!;
    expect(Objects.length).toBeLessThanOrEqual(1000);
    for (const { Key, VersionId } of Objects)
      for (const all of [there, gone])
        for (const one of all)
          if (one.Key === Key && one.VersionId === VersionId && !refused.includes(Key!)) all.delete(one);
    const Errors = Objects.filter(({ Key }) => refused.includes(Key!)).map(({ Key }) => ({
      Key,
      Message: 'Access Denied',
    }));
    return { Errors };
  };
  const account = { clients: { s3: { send } } } as never;
  return { account, left: () => there.size + gone.size, deletions: () => deletions };
};
const versions = (count: number, of: string): Version[] =>
  Array.from({ length: count }, (_, at) => ({ Key: `${of}-${at % 700}`, VersionId: `${of}${at}` }));

it('deletes every version and every marker, a page after the other, and says how many', async () => {
  const bucket = bucketOf(versions(1500, 'v'), versions(600, 'm'));
  const told: number[] = [];
  await emptyBucket(bucket.account, 'b', (deleted) => told.push(deleted));
  expect([bucket.left(), bucket.deletions(), told]).toEqual([0, 3, [1000, 2000, 2100]]);
});

it('stops at what it may not delete, and says what that is', async () => {
  const bucket = bucketOf(versions(3, 'v'), [], ['v-1']);
  await expect(emptyBucket(bucket.account, 'b')).rejects.toThrow(
    /1 objects of b were not deleted, the first is v-1: Access Denied/,
  );
});

it('does nothing where there is no such bucket', async () => {
  const send = async () => {
    throw Object.assign(new Error('none'), { name: 'NoSuchBucket' });
  };
  await emptyBucket({ clients: { s3: { send } } } as never, 'b');
});
