import { DeleteUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DeleteTableCommand, waitUntilTableNotExists } from '@aws-sdk/client-dynamodb';
import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';
import { emptyBucket } from './empty-bucket.ts';
import type { Staying } from './removal-plan.ts';

/** The longest there is, as in services/storage/resources/users-key.yml. */
const PENDING_DAYS = 30;

type Delete = (account: Account, name: string, say: (line: string) => void) => Promise<unknown>;

/** In this order: what is read by nobody any more first, the key last, since it can still be called back. */
const DELETIONS: readonly (readonly [string, Delete])[] = [
  [
    'AWS::S3::Bucket',
    async (account, Bucket, say) => {
      let told = 0;
      await emptyBucket(account, Bucket, (deleted) => {
        if (deleted - told < 10_000) return;
        told = deleted;
        say(`  ${deleted} versions of objects are deleted …`);
      });
      await account.clients.s3.send(new DeleteBucketCommand({ Bucket }));
    },
  ],
  [
    'AWS::DynamoDB::Table',
    async ({ clients: { dynamodb: client } }, TableName) => {
      await client.send(new DeleteTableCommand({ TableName }));
      await waitUntilTableNotExists({ client, minDelay: 1, maxDelay: 5, maxWaitTime: 600 }, { TableName });
    },
  ],
  [
    'AWS::Cognito::UserPool',
    ({ clients }, UserPoolId) => clients.cognito.send(new DeleteUserPoolCommand({ UserPoolId })),
  ],
  [
    'AWS::KMS::Key',
    async ({ clients }, KeyId, say) => {
      const { DeletionDate } = await clients.kms.send(
        new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: PENDING_DAYS }),
      );
      say(
        `  The key ${KeyId} is deleted on ${DeletionDate?.toISOString().slice(0, 10)}; until then: aws kms cancel-key-deletion --key-id ${KeyId}`,
      );
    },
  ],
];

const GONE = ['NoSuchBucket', 'ResourceNotFoundException', 'NotFoundException'];

/**
 * Deletes the data of a stage whose stacks are gone. What is gone already is no mistake: it goes on where it stopped.
 */
export const deleteData = async (
  account: Account,
  staying: readonly Staying[],
  say: (line: string) => void,
): Promise<void> => {
  for (const [type, remove] of DELETIONS) {
    for (const { name } of staying.filter((one) => one.type === type)) {
      try {
        await remove(account, name, say);
        if (type !== 'AWS::KMS::Key') say(`  ${name} is deleted.`);
      } catch (error) {
        if (!GONE.includes((error as Error).name)) throw error;
      }
    }
  }
};
