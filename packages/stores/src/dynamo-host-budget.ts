import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { HostBudget, HostSlot, Pace } from '@granary/domain/ports/collecting';
import { coalesced } from './coalesced.ts';
import { type CatalogTable, held, type Item } from './dynamo-items.ts';
import { type Blocked, blockedBy } from './host-blocks.ts';
import { type Ask, type Slots, takeSlots } from './host-slots.ts';

/** Nobody needs to know of a host that was not asked for a week. */
const EXPIRES_AFTER_S = 7 * 86_400;
const TRIES = 25;
/** How long those wait who found the budget changed under their hands. */
const COLLISION_MS = 20;

type Budget = {
  slots?: Slots;
  revision?: number;
  blocked_until?: number;
  wait_ms?: number;
  delay_ms?: number;
  line?: number;
};

/**
 * `HOST#host`/`BUDGET`: the last slots that were given, until when the host wants no request at all, how long it was
 * left alone since it last refused, how far apart requests are because it is slow, and until when those come back who
 * found no slot (`line`). Slots are taken by writing them on the condition that nobody wrote meanwhile
 * (`revision`). Those of one process who ask at the same time are served by one read and one write, so that the more
 * workers there are, the fewer collide.
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
  const write = (host: string, { revision, blocked_until }: Budget, slots: Slots, line: number): Promise<boolean> => {
    const expires = expiry(Math.max(slots.at(-1)?.[0] ?? 0, line));
    const values: Item = { ':slots': slots, ':next': (revision ?? 0) + 1, ':line': line, ':expires': expires };
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
          UpdateExpression: 'SET slots = :slots, revision = :next, line = :line, expires_at = :expires',
          ConditionExpression,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  };

  const writeBlock = (host: string, before: Blocked | null, { until, wait_ms }: Blocked): Promise<boolean> =>
    held(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(host),
          UpdateExpression: 'SET blocked_until = :until, wait_ms = :wait, expires_at = :expires',
          ConditionExpression: before ? 'blocked_until = :before' : 'attribute_not_exists(blocked_until)',
          ExpressionAttributeValues: {
            ':until': until,
            ':wait': wait_ms,
            ':expires': expiry(until),
            ...(before && { ':before': before.until }),
          },
        }),
      ),
    );

  const takeAll = async (
    host: string,
    pace: Pace,
    asks: readonly Ask[],
  ): Promise<(HostSlot | { retry_at: number })[]> => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const budget = await read(host);
      const { delay_ms = 0, line: before = 0 } = budget;
      const times = { now: now(), not_before: budget.blocked_until ?? 0, delay_ms, line: before };
      const { slots, line, given } = takeSlots(budget.slots ?? [], asks, pace, times);
      const isMoved = slots !== budget.slots || line !== before;
      // Where nobody is given a slot, a place in the line that somebody else has too does no harm.
      if (!isMoved || (await write(host, budget, slots, line)) || given.every((slot) => 'retry_at' in slot)) {
        const told = { ...(budget.wait_ms && { after_refusal: true as const }), ...(delay_ms > 0 && { delay_ms }) };
        return given.map((slot) => ('at' in slot ? { ...slot, ...told } : slot));
      }
      await sleep(Math.random() * COLLISION_MS * (attempt + 1));
    }
    return asks.map(() => ({ retry_at: now() + 1000 }));
  };

  const take = coalesced<Ask, HostSlot | { retry_at: number }>((key, asks) => {
    const { host, ...pace } = JSON.parse(key) as Pace & { host: string };
    return takeAll(host, pace, asks);
  });

  return {
    take: (host, { requests_per_minute, burst = 1, within_ms }) =>
      take(JSON.stringify({ host: host.toLowerCase(), requests_per_minute, burst }), { within_ms }),
    async block(host, until) {
      const key = host.toLowerCase();
      for (let attempt = 0; ; attempt++) {
        const { blocked_until, wait_ms = 0 } = await read(key);
        const before = blocked_until === undefined ? null : { until: blocked_until, wait_ms };
        const blocked = blockedBy(before, until, now());
        if (blocked.until === blocked_until) return blocked.until;
        if (await writeBlock(key, before, blocked)) return blocked.until;
        // Somebody else was refused at the same time, and wrote it down.
        if (attempt === TRIES) return Math.max(until, blocked_until ?? 0);
        await sleep(Math.random() * COLLISION_MS * (attempt + 1));
      }
    },
    async answered(host) {
      await held(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(host.toLowerCase()),
            UpdateExpression: 'REMOVE wait_ms',
            ConditionExpression: 'attribute_exists(wait_ms) AND blocked_until <= :now',
            ExpressionAttributeValues: { ':now': now() },
          }),
        ),
      );
    },
    async setDelay(host, delay_ms) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(host.toLowerCase()),
          UpdateExpression: 'SET delay_ms = :delay, expires_at = :expires',
          ExpressionAttributeValues: { ':delay': delay_ms, ':expires': expiry(now()) },
        }),
      );
    },
    async blockedUntil(host) {
      return (await read(host.toLowerCase())).blocked_until ?? 0;
    },
  };
};
