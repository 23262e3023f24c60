import type { UserStore } from '@granary/domain/ports/user-store';
import { makeDynamoUserReader } from './dynamo-user-reader.ts';
import { makeDynamoUserWriter, type UserTable } from './dynamo-user-writer.ts';

/**
 * The table `granary-<stage>-users` with its index `by_last_name` (docs/contracts: DynamoDB). One per process: it
 * bounds what is written at once.
 */
export const makeDynamoUserStore = (options: UserTable): UserStore => ({
  ...makeDynamoUserReader(options),
  ...makeDynamoUserWriter(options),
});
