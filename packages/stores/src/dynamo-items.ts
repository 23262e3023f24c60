import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';

/**
 * Where an adapter's items lie. The document client is made with `marshallOptions: { removeUndefinedValues: true }`.
 */
export type CatalogTable = { client: DynamoDBDocumentClient; table: string };

export type Item = Record<string, unknown>;

/** An expression with its names and values, as UpdateItem takes them: `SET #a = :a, …`; names may be reserved words. */
export const setting = (values: Item) => {
  const given = Object.keys(values).filter((name) => values[name] !== undefined);
  return {
    UpdateExpression: `SET ${given.map((name) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(given.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(given.map((name) => [`:${name}`, values[name]])),
  };
};

/** False when the condition did not hold. */
export const held = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** The item without what only the table needs. */
export const withoutKeys = ({ pk, sk, gsi1pk, gsi1sk, expires_at, ...rest }: Item): Item => rest;

/** Every item of one partition of GSI1, in its order; those from a sort key on, where one is given. */
export const queryAll = async ({ client, table }: CatalogTable, partition: string, from?: string): Promise<Item[]> => {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI1',
        KeyConditionExpression: `gsi1pk = :partition${from === undefined ? '' : ' AND gsi1sk >= :from'}`,
        ExpressionAttributeValues: { ':partition': partition, ':from': from },
        ExclusiveStartKey,
      }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
};

/** What BatchGetItem takes at once. */
const BATCH = 100;
/** How often it is asked for what it left out, which it does when it is throttled. */
const BATCH_ATTEMPTS = 8;

/** The items there are of these keys, in no order, as they stand now. */
export const getAll = async ({ client, table }: CatalogTable, keys: readonly Item[]): Promise<Item[]> => {
  const getBatch = async (batch: readonly Item[]): Promise<Item[]> => {
    const items: Item[] = [];
    let Keys = [...batch];
    for (let attempt = 0; Keys.length > 0; attempt++) {
      if (attempt === BATCH_ATTEMPTS) throw new Error(`DynamoDB left out ${Keys.length} of ${batch.length} items.`);
      if (attempt > 0) await sleep(20 * 2 ** attempt * Math.random());
      const RequestItems = { [table]: { Keys, ConsistentRead: true } };
      const answer = await client.send(new BatchGetCommand({ RequestItems }));
      items.push(...(answer.Responses?.[table] ?? []));
      Keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return items;
  };
  const batches = [];
  for (let from = 0; from < keys.length; from += BATCH) batches.push(getBatch(keys.slice(from, from + BATCH)));
  return (await Promise.all(batches)).flat();
};
