import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { Drill } from './drills.ts';
import type { DrillStack } from './stack.ts';

const BUCKET = 'granary-000000000000-us-east-1-local-data';
const DELETED = ['versions/', 'csv_data/', 'tables/'];
const ASKED_EVERY_MS = 1000;

/** Deletes as `aws s3 rm --recursive` does. Gives how many objects. */
const deleteObjects = async (s3: S3Client): Promise<number> => {
  let deleted = 0;
  for (const Prefix of DELETED) {
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: BUCKET, Prefix }))
      keys.push(...Contents.map(({ Key }) => Key!));
    for (let from = 0; from < keys.length; from += 1000) {
      const Objects = keys.slice(from, from + 1000).map((Key) => ({ Key }));
      await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects, Quiet: true } }));
    }
    deleted += keys.length;
  }
  return deleted;
};

/** What readers get of a dataset: the file of its latest version, and its first rows. */
const pathsOf = (dataset: string) => [
  `/v1/datasets/${dataset}/download?format=csv`,
  `/v1/records/${dataset}?limit=100`,
];

export const bucketRestored: Drill = {
  alarm: 'api-errors',
  breaks: 'somebody deletes the files of all versions from the bucket',
  async run(stack: DrillStack) {
    const { say } = stack;
    const s3 = new S3Client({ ...stack.settings, forcePathStyle: true });
    const paths = (await stack.api.datasets()).filter(({ latest }) => latest).flatMap(({ id }) => pathsOf(id));
    const ask = async (path: string): Promise<{ status: number; sha256: string }> => {
      const first = await fetch(`${stack.baseUrl}${path}`, {
        headers: { authorization: `Bearer ${await stack.token()}` },
        redirect: 'manual',
      });
      // The address of a file takes no token.
      const answer = first.headers.has('location') ? await fetch(first.headers.get('location')!) : first;
      const bytes = Buffer.from(await answer.arrayBuffer());
      return { status: answer.status, sha256: createHash('sha256').update(bytes).digest('hex') };
    };
    const askAll = async () => {
      const answers = new Map<string, Awaited<ReturnType<typeof ask>>>();
      for (const path of paths) answers.set(path, await ask(path));
      return answers;
    };
    const wellOf = (answers: Awaited<ReturnType<typeof askAll>>) =>
      [...answers.values()].filter(({ status }) => status === 200).length;

    const before = await askAll();
    if (paths.length === 0 || wellOf(before) < paths.length)
      throw new Error('Not every dataset can be read before the drill: run `npm start` until all are collected.');
    const begun = Date.now();
    const since = new Date(begun).toISOString();
    say(`${await deleteObjects(s3)} objects below ${DELETED.join(', ')} were deleted`);
    say(`Readers: ${wellOf(await askAll())} of ${paths.length} requests are answered 200`);
    let asking = true;
    const readers = (async () => {
      while (asking) {
        await askAll();
        await sleep(ASKED_EVERY_MS);
      }
    })();
    try {
      await stack.untilAlarm('api-errors', 'ALARM', begun);
      await stack.byRunbook('api-errors', 'look', { SINCE: since });
      const mended = Date.now();
      await stack.byRunbook('api-errors', 'restore', { SINCE: since });
      const after = await askAll();
      const other = paths.filter((path) => after.get(path)!.sha256 !== before.get(path)!.sha256);
      if (other.length > 0) throw new Error(`${other.length} answers are other than before, the first is ${other[0]}.`);
      say(`Readers: ${wellOf(after)} of ${paths.length} requests are answered 200, with the same bytes as before`);
      await stack.untilAlarm('api-errors', 'OK', mended);
    } finally {
      asking = false;
      await readers;
      s3.destroy();
    }
  },
};
