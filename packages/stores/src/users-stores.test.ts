import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { type EmbeddedAws, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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
const newKey = async (): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
vaultContract('KMS as it is embedded', async () => makeKmsVault({ client: kms, key_id: await newKey() }), {
  keysAreIams: true,
});

it('KMS opens what was sealed under the key that the alias named before, and seals under the one of today', async () => {
  const alias = 'alias/of-users';
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: await newKey() }));
  const before = await makeKmsVault({ client: kms, key_id: alias }).current();
  const sealed = before.seal(Buffer.from('262917719'), 'user 1');
  await kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: await newKey() }));
  const today = makeKmsVault({ client: kms, key_id: alias });
  expect(Buffer.from((await today.named(before.name)).open(sealed, 'user 1')).toString()).toBe('262917719');
  // The embedded KMS names the key in the first bytes, as KMS does in bytes of its own.
  const keyOf = (name: string) => Buffer.from(name, 'base64').subarray(0, 20).toString('hex');
  expect(keyOf((await today.current()).name)).not.toBe(keyOf(before.name));
});
