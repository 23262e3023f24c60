import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { HostBudget, Pace } from '@granary/domain/ports/collecting';
import { coalesced } from './coalesced.ts';
import { type CatalogTable, held, type Item } from './dynamo-items.ts';
import { type Ask, type Slot, type Slots, takeSlots } from './host-slots.ts';

/** Nobody needs to know of a host that was not asked for a week. */
const EXPIRES_AFTER_S = 7 * 86_400;
const TRIES = 25;
/** How long those wait who found the budget changed under their hands. */
const COLLISION_MS = 20;

type Budget = { slots?: Slots; revision?: number; blocked_until?: number };

/**
 * `HOST#host`/`BUDGET`: the last slots that were given, and until when the host wants no request at all. Slots are taken by writing them
 * on the condition that nobody wrote meanwhile (`revision`). Those of one process who ask at the same time are served by one read and one
 * write, so that the more workers there are, the fewer collide.
 */
export const makeDynamoHostBudget = ({
  client,
  table,
  now = Date.now,
}: CatalogTable & { now?: () => number }): HostBudget => {
  const keyOf = (host: string) => ({ pk: `HOST#${host}`, sk: 'BUDGET' });
  const read = async (host: string): Promise<Budget> => {
    const request = new GetCommand({ TableName: table, Key: keyOf(host), ConsistentRead: true });
    return ((await client.send(request)).Item ?? {}) as Budget;
  };
  const expiry = (at: number) => Math.ceil(at / 1000) + EXPIRES_AFTER_S;

  /** Writes the slots unless somebody took some, or the host asked to wait, since the budget was read. */
  const write = (host: string, { revision, blocked_until }: Budget, slots: Slots): Promise<boolean> => {
    const values: Item = { ':slots': slots, ':next': (revision ?? 0) + 1, ':expires': expiry(slots.at(-1)![0]) };
    const unmoved = (name: string, value: number | undefined) => {
      if (value === undefined) return `attribute_not_exists(${name})`;
      values[`:old_${name}`] = value;
      return `${name} = :old_${name}`;
    };
    const ConditionExpression = `${unmoved('revision', revision)} AND ${unmoved('blocked_until', blocked_until)}`;
    return held(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(host),
          UpdateExpression: 'SET slots = :slots, revision = :next, expires_at = :expires',
          ConditionExpression,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  };

  const takeAll = async (host: string, pace: Pace, asks: readonly Ask[]): Promise<Slot[]> => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const budget = await read(host);
      const times = { now: now(), not_before: budget.blocked_until ?? 0 };
      const { slots, given } = takeSlots(budget.slots ?? [], asks, pace, times);
      const none = given.every((slot) => 'retry_at' in slot);
      if (none || (await write(host, budget, slots))) return given;
      await sleep(Math.random() * COLLISION_MS * (attempt + 1));
    }
    return asks.map(() => ({ retry_at: now() + 1000 }));
  };

  const take = coalesced<Ask, Slot>((key, asks) => {
    const { host, ...pace } = JSON.parse(key) as Pace & { host: string };
    return takeAll(host, pace, asks);
  });

  return {
    take: (host, { requests_per_minute, burst = 1, within_ms }) =>
      take(JSON.stringify({ host: host.toLowerCase(), requests_per_minute, burst }), { within_ms }),
    async block(host, until) {
      await held(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(host.toLowerCase()),
            UpdateExpression: 'SET blocked_until = :until, expires_at = :expires',
            ConditionExpression: 'attribute_not_exists(blocked_until) OR blocked_until < :until',
            ExpressionAttributeValues: { ':until': until, ':expires': expiry(until) },
          }),
        ),
      );
    },
    async blockedUntil(host) {
      return (await read(host.toLowerCase())).blocked_until ?? 0;
    },
  };
};
