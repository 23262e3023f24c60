import { afterAll, beforeAll } from '@jest/globals';
import { userStoreContract } from './contracts/user-store.ts';
import { vaultContract } from './contracts/vault.ts';
import { makeDynamoUserStore } from './dynamo-user-store.ts';
import { makeMemoryUserStore } from './memory-user-store.ts';
import { makeMemoryVault } from './memory-vault.ts';
import { type Emulators, startEmulators } from './testing/emulators.ts';

let emulators: Emulators;
let made = 0;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());

userStoreContract('The memory store', async () => makeMemoryUserStore());
userStoreContract('DynamoDB', async () =>
  makeDynamoUserStore({ client: emulators.documents, table: await emulators.createUsersTable(`users-${++made}`) }),
);
vaultContract('The memory vault', async () => makeMemoryVault());
