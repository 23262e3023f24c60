import type { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SealedUser } from '@granary/domain/user';
import { describe, expect, it } from '@jest/globals';
import { makeDynamoUserWriter } from './dynamo-user-writer.ts';

const users = (count: number): SealedUser[] =>
  Array.from({ length: count }, (_, id) => ({ user: { id, last_name: 'X' }, sealed: null }));
const named = (name: string, more: object = {}) => Object.assign(new Error(name), { name }, more);

/** A table that remembers who wrote first, and does what `before` says before each write. */
const makeTable = (before: (id: number, attempt: number) => void | Promise<void> = () => {}) => {
  const items = new Map<number, Record<string, unknown>>();
  const attempts = new Map<number, number>();
  const seen = { inside: 0, most: 0 };
  const client = {
    async send({ input }: UpdateCommand) {
      const { id } = input.Key as { id: number };
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      seen.most = Math.max(seen.most, ++seen.inside);
      try {
        await new Promise(setImmediate);
        await before(id, attempt);
        const old = items.get(id);
        const origin = input.ExpressionAttributeValues![':written_by'];
        items.set(id, { id, first_written_by: old?.first_written_by ?? origin });
        return { Attributes: old };
      } finally {
        seen.inside -= 1;
      }
    },
  };
  const writer = makeDynamoUserWriter({ client: client as never, table: 'users', random: () => 0 });
  const write = (count: number, { origin = 'run/1', within_ms = 60_000 } = {}) =>
    writer.write(users(count), { origin, deadline: Date.now() + within_ms });
  return { items, attempts, seen, write };
};

describe('Writing users', () => {
  it('writes forty at a time, of all pages together', async () => {
    const table = makeTable();
    const counts = await Promise.all([table.write(100), table.write(100), table.write(100)]);
    expect(counts[0]).toEqual({ new: 100, overwritten: 0, failed: 0 });
    expect([table.items.size, table.seen.most]).toEqual([100, 40]);
  });

  it.each([
    named('ProvisionedThroughputExceededException'),
    named('ThrottlingException'),
    named('RequestLimitExceeded'),
    named('InternalServerError'),
    named('Whatever', { $metadata: { httpStatusCode: 503 } }),
    named('TimeoutError'),
    named('Error', { code: 'ECONNRESET' }),
  ])('goes on after %s, and counts each user once', async (error) => {
    const table = makeTable((id, attempt) => {
      if (id % 3 === 0 && attempt <= 2) throw error;
    });
    expect(await table.write(60)).toEqual({ new: 60, overwritten: 0, failed: 0 });
    expect(table.items.size).toBe(60);
    expect(table.attempts.get(3)).toBe(3);
  });

  it('counts a write as new although its answer was lost and it was written again', async () => {
    let lost = false;
    const table = makeTable();
    const { items } = table;
    const losing = makeTable((id) => {
      if (id !== 1 || lost) return;
      lost = true;
      items.set(id, { id, first_written_by: 'run/1' });
      losing.items.set(id, { id, first_written_by: 'run/1' });
      throw named('TimeoutError');
    });
    expect(await losing.write(3)).toEqual({ new: 3, overwritten: 0, failed: 0 });
  });

  it('says how many it could not write before the deadline, and a second time writes those', async () => {
    let busy = true;
    const table = makeTable((id) => {
      if (busy && id % 4 === 0) throw named('ThrottlingException');
    });
    expect(await table.write(40, { within_ms: 100 })).toEqual({ new: 30, overwritten: 0, failed: 10 });
    busy = false;
    expect(await table.write(40)).toEqual({ new: 40, overwritten: 0, failed: 0 });
  });

  it('writes nothing after the deadline', async () => {
    const table = makeTable();
    expect(await table.write(5, { within_ms: 0 })).toEqual({ new: 0, overwritten: 0, failed: 5 });
    expect(table.attempts.size).toBe(0);
  });

  it('throws what no retry can help, after it wrote the others', async () => {
    const table = makeTable((id) => {
      if (id === 1) throw named('ValidationException', { $metadata: { httpStatusCode: 400 } });
    });
    await expect(table.write(50)).rejects.toThrow('ValidationException');
    expect([table.items.size, table.attempts.get(1)]).toEqual([49, 1]);
  });
});
