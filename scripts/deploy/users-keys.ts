import { gunzipSync } from 'node:zlib';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  DescribeKeyCommand,
  ListResourceTagsCommand,
  paginateListKeys,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';

/** What functions may open is tagged with it (config/grants.ts). */
export const USERS_TAG = 'granary-users';
const CONTEXT = { purpose: 'granary-users' };

/** Read of a table: a page from each of so many parts of it. All of a small one, an even sample of a big one. */
const PARTS = 8;
/** Data keys that KMS is asked about. A container makes one an hour, so neighbours are most often of one key. */
const MOST_NAMES = 100;
const MOST_PAGES = 20;

export type KeysInUse = {
  /** Ids of keys of this account and region, the one that most was sealed under first. */
  ids: string[];
  /** What KMS said of data keys that it does not open. */
  refusals: string[];
};

/**
 * Looks at what is sealed and asks KMS whose it is: an encrypted data key names its key, to KMS alone. What it opens is
 * dropped.
 */
export const keysInUse = async (account: Account, places: { table?: string; bucket?: string }): Promise<KeysInUse> => {
  const names = [
    ...(places.table === undefined ? [] : await namesInTable(account, places.table)),
    ...(places.bucket === undefined ? [] : await namesInPages(account, places.bucket)),
  ];
  const sealed = Map.groupBy(names, (name) => name);
  const counts = new Map<string, number>();
  const refusals = new Set<string>();
  for (const [name, uses] of spread([...sealed], MOST_NAMES)) {
    try {
      const { KeyId = '' } = await account.clients.kms.send(
        new DecryptCommand({ CiphertextBlob: Buffer.from(name, 'base64'), EncryptionContext: CONTEXT }),
      );
      const id = KeyId.split('/').at(-1)!;
      counts.set(id, (counts.get(id) ?? 0) + uses.length);
    } catch (error) {
      refusals.add(`${(error as Error).name}: ${(error as Error).message}`);
    }
  }
  const ids = [...counts].sort(([, a], [, b]) => b - a).map(([id]) => id);
  return { ids, refusals: [...refusals] };
};

/** At most so many of them, evenly. */
export const spread = <T>(all: readonly T[], most: number): T[] =>
  all.length <= most ? [...all] : Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);

const namesInTable = async ({ clients }: Account, TableName: string): Promise<string[]> => {
  const parts = await Promise.all(
    Array.from({ length: PARTS }, (_, Segment) =>
      clients.dynamodb.send(
        new ScanCommand({
          ...{ TableName, Segment, TotalSegments: PARTS },
          // Nothing else of a person leaves the table.
          ProjectionExpression: 'sealed.#key',
          ExpressionAttributeNames: { '#key': 'key' },
        }),
      ),
    ),
  );
  return parts.flatMap(({ Items = [] }) => Items.flatMap(({ sealed }) => sealed?.M?.key?.S ?? []));
};

const namesInPages = async ({ clients }: Account, Bucket: string): Promise<string[]> => {
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'raw/users/' }));
  const names: string[] = [];
  for (const { Key } of spread(Contents, MOST_PAGES)) {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    try {
      names.push(JSON.parse(gunzipSync(await Body!.transformToByteArray()).toString()).key);
    } catch {
      // Not a page as it is kept: nobody opens it.
    }
  }
  return names;
};

/** Enabled keys that the template's own description was given to: for where nothing is sealed yet. The newest first. */
export const keysCalled = async ({ clients }: Account, description: string): Promise<string[]> => {
  const found: { id: string; made: number }[] = [];
  for await (const { Keys = [] } of paginateListKeys({ client: clients.kms }, {})) {
    for (const { KeyId } of Keys) {
      // Somebody else's key may not be described; it is none of ours then.
      const key = await clients.kms
        .send(new DescribeKeyCommand({ KeyId }))
        .then(({ KeyMetadata }) => KeyMetadata)
        .catch((error: Error) => {
          if (error.name !== 'AccessDeniedException') throw error;
        });
      if (key?.Description === description && key.KeyState === 'Enabled')
        found.push({ id: KeyId!, made: key.CreationDate?.getTime() ?? 0 });
    }
  }
  return found.sort((a, b) => b.made - a.made).map(({ id }) => id);
};

/** Lets functions of the stage open what the key sealed. Says whether they could not before. */
export const tagForUsers = async ({ clients, stage }: Account, KeyId: string): Promise<boolean> => {
  const { Tags = [] } = await clients.kms.send(new ListResourceTagsCommand({ KeyId }));
  if (Tags.some(({ TagKey, TagValue }) => TagKey === USERS_TAG && TagValue === stage)) return false;
  await clients.kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: USERS_TAG, TagValue: stage }] }));
  return true;
};
