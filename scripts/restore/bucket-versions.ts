import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { UserError } from '@granary/admin/user-error';
import type { ListedVersion, Step } from './plan-restore.ts';

/** Of the embedded AWS, which works on eight requests at a time; S3 takes 3,500 a second and prefix. */
const AT_ONCE = 8;
const SAID_EVERY = 500;

const entriesOf = (
  list: readonly { Key?: string; VersionId?: string; LastModified?: Date; IsLatest?: boolean }[],
  marker: boolean,
): ListedVersion[] =>
  list.map(({ Key: key = '', VersionId: id = '', LastModified, IsLatest: latest = false }) => {
    return { key, id, at: LastModified!.getTime(), marker, latest };
  });

/** Every version and marker below the prefixes. Throws a UserError for a bucket that keeps none. */
export const listBucketVersions = async (
  s3: S3Client,
  Bucket: string,
  { prefixes, without }: { prefixes: readonly string[]; without: readonly string[] },
): Promise<ListedVersion[]> => {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  if (Status !== 'Enabled')
    throw new UserError(`The bucket ${Bucket} keeps no versions, so what was deleted in it cannot be had back.`);
  const found: ListedVersion[] = [];
  for (const Prefix of prefixes) {
    let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (from) {
      const page: ListObjectVersionsCommandOutput = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix, ...from }),
      );
      found.push(...entriesOf(page.Versions ?? [], false), ...entriesOf(page.DeleteMarkers ?? [], true));
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
      from = page.IsTruncated ? { KeyMarker, VersionIdMarker } : undefined;
    }
  }
  return found.filter(({ key }) => !without.some((prefix) => key.startsWith(prefix)));
};

const carryOut = async (s3: S3Client, Bucket: string, step: Step): Promise<void> => {
  const { key: Key } = step;
  if (step.kind === 'put-back') {
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}?versionId=${step.version}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    return;
  }
  // The newest last: until then the object is still deleted, and the same command finds it again.
  for (const VersionId of [...step.markers].reverse())
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
};

/** Carries the steps out, several at a time; the first that is refused ends it. `say` is told how far it came. */
export const restore = async (
  s3: S3Client,
  Bucket: string,
  steps: readonly Step[],
  say: (line: string) => void = () => {},
): Promise<void> => {
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let step = steps[next++]; step; step = steps[next++]) {
      try {
        await carryOut(s3, Bucket, step);
      } catch (error) {
        next = steps.length;
        const { name, message } = error as Error;
        throw new UserError(
          `${done} of ${steps.length} objects are restored; ${step.key} is not (${name}: ${message}). Run the same command again once that is mended: it goes on with the rest.`,
          { cause: error },
        );
      }
      done += 1;
      if (done % SAID_EVERY === 0) say(`${done} of ${steps.length} objects …`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
};
