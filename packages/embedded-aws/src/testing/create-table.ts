import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

const MOST_S = 20;

/**
 * A table on demand that can be used. Being created takes DynamoDB a moment, the embedded one too: until then it knows
 * no such table (ResourceNotFoundException), which on a busy machine is long enough to meet.
 */
export const createTable = async (
  client: DynamoDBClient,
  input: Omit<CreateTableCommandInput, 'BillingMode'>,
): Promise<void> => {
  await client.send(new CreateTableCommand({ ...input, BillingMode: 'PAY_PER_REQUEST' }));
  const waiting = { client, maxWaitTime: MOST_S, minDelay: 0.01, maxDelay: 0.05 };
  await waitUntilTableExists(waiting, { TableName: input.TableName });
};
