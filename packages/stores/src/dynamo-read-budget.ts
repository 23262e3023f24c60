import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ReadBudget } from '@granary/domain/ports/unmasked-reads';
import { type CatalogTable, held } from './dynamo-items.ts';

const DAY_S = 86_400;

/** `READER#sub`/`DAY#2026-11-29`: how many users somebody has read unmasked on a day, for two days. */
export const makeDynamoReadBudget = ({
  client,
  table,
  now = Date.now,
}: CatalogTable & { now?: () => number }): ReadBudget => ({
  take: async (sub, users, most) => {
    if (users > most) return false;
    const day = Math.floor(now() / 1000 / DAY_S);
    const date = new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
    return held(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: `READER#${sub}`, sk: `DAY#${date}` },
          UpdateExpression: 'SET expires_at = :expires ADD users_read :users',
          ConditionExpression: 'attribute_not_exists(users_read) OR users_read <= :before',
          ExpressionAttributeValues: { ':users': users, ':before': most - users, ':expires': (day + 2) * DAY_S },
        }),
      ),
    );
  },
});
