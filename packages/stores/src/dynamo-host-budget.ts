import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { HostBudget } from '@granary/domain/ports/collecting';
import { type CatalogTable, held, type Item } from './dynamo-items.ts';

/** Nobody needs to know of a host that was not asked for a week. */
const EXPIRES_AFTER_S = 7 * 86_400;
const TRIES = 25;

/**
 * `HOST#host`/`BUDGET`: when the next request may go out, and until when the host wants none at all. A slot is taken by moving
 * `next_slot` on the condition that nobody moved it meanwhile.
 */
export const makeDynamoHostBudget = ({
  client,
  table,
  now = Date.now,
}: CatalogTable & { now?: () => number }): HostBudget => {
  const keyOf = (host: string) => ({ pk: `HOST#${host.toLowerCase()}`, sk: 'BUDGET' });
  const read = async (host: string): Promise<Item> => {
    const request = new GetCommand({ TableName: table, Key: keyOf(host), ConsistentRead: true });
    return (await client.send(request)).Item ?? {};
  };
  const expiry = (at: number) => Math.ceil(at / 1000) + EXPIRES_AFTER_S;

  return {
    async take(host, { requests_per_minute, within_ms }) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const { next_slot, blocked_until } = (await read(host)) as { next_slot?: number; blocked_until?: number };
        const at = Math.max(now(), next_slot ?? 0, blocked_until ?? 0);
        if (at > now() + within_ms) return { retry_at: at };
        const unmoved = (name: string, value: number | undefined) =>
          value === undefined ? `attribute_not_exists(${name})` : `${name} = :old_${name}`;
        const taken = await held(
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: keyOf(host),
              UpdateExpression: 'SET next_slot = :next, expires_at = :expires',
              // A block that came meanwhile counts as well.
              ConditionExpression: `${unmoved('next_slot', next_slot)} AND ${unmoved('blocked_until', blocked_until)}`,
              ExpressionAttributeValues: {
                ':next': at + Math.ceil(60_000 / requests_per_minute),
                ':expires': expiry(at),
                ...(next_slot !== undefined && { ':old_next_slot': next_slot }),
                ...(blocked_until !== undefined && { ':old_blocked_until': blocked_until }),
              },
            }),
          ),
        );
        if (taken) return { at };
        await sleep(Math.random() * 20 * (attempt + 1));
      }
      return { retry_at: now() + 1000 };
    },
    async block(host, until) {
      await held(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(host),
            UpdateExpression: 'SET blocked_until = :until, expires_at = :expires',
            ConditionExpression: 'attribute_not_exists(blocked_until) OR blocked_until < :until',
            ExpressionAttributeValues: { ':until': until, ':expires': expiry(until) },
          }),
        ),
      );
    },
    async blockedUntil(host) {
      return ((await read(host)).blocked_until as number | undefined) ?? 0;
    },
  };
};
