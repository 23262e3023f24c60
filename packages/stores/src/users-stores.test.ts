import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/local/aws/embedded-aws';
import { afterAll, beforeAll } from '@jest/globals';
import { readBudgetContract } from './contracts/read-budget.ts';
import { userStoreContract } from './contracts/user-store.ts';
import { vaultContract } from './contracts/vault.ts';
import { makeDynamoReadBudget } from './dynamo-read-budget.ts';
import { makeDynamoUserStore } from './dynamo-user-store.ts';
import { makeKmsVault } from './kms-vault.ts';
import { makeMemoryReadBudget } from './memory-read-budget.ts';
import { makeMemoryUserStore } from './memory-user-store.ts';
import { makeMemoryVault } from './memory-vault.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
let folder: string;
let aws: EmbeddedAws;
let kms: KMSClient;
let made = 0;
beforeAll(async () => {
  emulators = await startEmulators();
  folder = await mkdtemp(join(tmpdir(), 'granary-vault-'));
  aws = await startEmbeddedAws({ port: 0, dir: folder });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  kms = new KMSClient({ endpoint: aws.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  kms.destroy();
  await Promise.all([emulators.stop(), aws.close()]);
  await rm(folder, { recursive: true });
});

readBudgetContract('The memory budget', async (now) => {
  const budget = makeMemoryReadBudget(now);
  return () => budget;
});
readBudgetContract('DynamoDB', async (now) => {
  const table = await emulators.createCatalogTable(`reads-${++made}`);
  return () => makeDynamoReadBudget({ client: emulators.documents, table, now });
});
userStoreContract('The memory store', async () => makeMemoryUserStore());
userStoreContract('DynamoDB', async () =>
  makeDynamoUserStore({ client: emulators.documents, table: await emulators.createUsersTable(`users-${++made}`) }),
);
vaultContract('The memory vault', async () => makeMemoryVault());
vaultContract('KMS as it is embedded', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return makeKmsVault({ client: kms, key_id: KeyMetadata!.KeyId! });
});
