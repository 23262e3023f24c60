import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeKeyCommand, KMSClient, ListKeyRotationsCommand, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { aboutUser } from '@granary/domain/rules/about-user';
import type { SealedUser } from '@granary/domain/user';
import { makeDynamoUserReader } from '@granary/stores/dynamo-user-reader';
import { makeKmsVault } from '@granary/stores/kms-vault';
import type { Drill } from './drills.ts';
import { settled, untilRun } from './runs.ts';

const ALIAS = 'alias/granary-local-users';
const USERS = 250;
/** Longer than the period of any alarm that what is drilled could turn red, 30 times as fast. */
const WATCHED_S = 30;

export const keyRotation: Drill = {
  breaks: 'the key of users is rotated, and nothing may break',
  async run(stack) {
    const { say } = stack;
    const begun = Date.now();
    const kms = new KMSClient(stack.settings);
    const client = DynamoDBDocumentClient.from(stack.dynamodb);
    const reader = makeDynamoUserReader({ client, table: 'granary-local-users' });
    // Containers that are warm have their data keys in memory; a vault of its own asks KMS as one that starts anew
    // does.
    const coldVault = () => makeKmsVault({ client: kms, key_id: ALIAS });
    const sealedUsers = async () => (await reader.list({ limit: USERS })).users.filter(({ sealed }) => sealed);
    /** One digest over what is opened: personal data is not printed. */
    const digestOf = async (users: readonly SealedUser[]): Promise<string> => {
      const vault = coldVault();
      const hash = createHash('sha256');
      for (const { user, sealed } of users) {
        const key = await vault.named(sealed!.key);
        hash.update(key.open(Buffer.from(sealed!.secrets, 'base64'), aboutUser(user)));
      }
      return hash.digest('hex');
    };
    try {
      await settled(stack, 'users');
      const before = await sealedUsers();
      if (before.length === 0) throw new Error('No user is sealed here: `npm start` fetches users, wait for its end.');
      const digest = await digestOf(before);
      // By the SDK, what the runbook does by the AWS CLI, which is not on every machine.
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: ALIAS }));
      const { KeyId } = await kms.send(new RotateKeyOnDemandCommand({ KeyId: KeyMetadata!.KeyId }));
      const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
      say(`The key ${KeyId} was rotated; rotations so far: ${Rotations.length}`);

      if ((await digestOf(before)) !== digest) throw new Error('What was sealed before opens to something else.');
      const keys = new Set(before.map(({ sealed }) => sealed!.key)).size;
      say(`${before.length} users that were sealed before, under ${keys} data keys, are opened as before`);
      const made = await coldVault().current();
      const bytes = made.seal(Buffer.from('drill'), 'drill');
      const opened = (await coldVault().named(made.name)).open(bytes, 'drill');
      if (Buffer.from(opened).toString() !== 'drill') throw new Error('What is sealed now is not opened.');
      say('A data key under the new material seals, and another container opens it');

      const { run } = (await stack.invoke('plan-users', { force: true, users: 100 })) as { run: { id: string } };
      await untilRun(stack, run.id, 'succeeded');
      const after = await sealedUsers();
      await digestOf(after);
      say(`The run ${run.id} fetched and sealed users; the first ${after.length} of the list are opened`);
      await sleep(WATCHED_S * 1000);
      const red = await stack.redSince(begun);
      if (red.length > 0) throw new Error(`Nothing was to turn red, and did: ${red.join(', ')}.`);
      say('No alarm turned red');
    } finally {
      kms.destroy();
    }
  },
};
