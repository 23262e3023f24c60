import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';

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

/** Every item of one partition of GSI1, in its order. */
export const queryAll = async ({ client, table }: CatalogTable, partition: string): Promise<Item[]> => {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI1',
        KeyConditionExpression: 'gsi1pk = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ExclusiveStartKey,
      }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
};
