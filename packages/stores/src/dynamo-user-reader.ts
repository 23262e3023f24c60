import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { UserPlace, UserQuery, UserReader } from '@granary/domain/ports/user-store';
import { NAME_INITIALS, namePrefix } from '@granary/domain/rules/name-key';
import type { SealedUser } from '@granary/domain/user';
import type { UserTable } from './dynamo-user-writer.ts';
import { toUser, type UserItem } from './user-items.ts';

/** Items that a filtered answer may read, and how many by one query. */
const READ_BUDGET = 1000;
const READ_AT_ONCE = 250;

export const makeDynamoUserReader = ({ client, table }: Pick<UserTable, 'client' | 'table'>): UserReader => {
  /** Items of one initial in order, from a place on. */
  const query = async (
    initial: string,
    prefix: string,
    { country, gender }: UserQuery,
    from: UserPlace,
    Limit: number,
  ) => {
    const filters = Object.entries({ country, gender }).filter(([, value]) => value !== undefined);
    const named = [...filters.map(([name]) => name), 'name_initial', ...(prefix ? ['name_key'] : [])];
    const values = Object.fromEntries([
      ...filters,
      ['name_initial', initial],
      ...(prefix ? [['name_key', prefix]] : []),
    ]);
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'by_last_name',
        KeyConditionExpression: `#name_initial = :name_initial${prefix && ' AND begins_with(#name_key, :name_key)'}`,
        ...(filters.length > 0 && {
          FilterExpression: filters.map(([name]) => `#${name} = :${name}`).join(' AND '),
        }),
        ExpressionAttributeNames: Object.fromEntries(named.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(named.map((name) => [`:${name}`, values[name]])),
        ExclusiveStartKey: 'id' in from ? from : undefined,
        Limit,
      }),
    );
    return {
      items: (answer.Items ?? []) as UserItem[],
      read: answer.ScannedCount ?? 0,
      last: answer.LastEvaluatedKey as UserPlace | undefined,
    };
  };

  return {
    async list(wanted) {
      const { last_name, limit, after } = wanted;
      const { name_initial, prefix } = namePrefix(last_name ?? '');
      const initials = prefix ? [name_initial] : NAME_INITIALS;
      const filtered = wanted.country !== undefined || wanted.gender !== undefined;
      let budget = filtered ? READ_BUDGET : Number.POSITIVE_INFINITY;
      let from: UserPlace | undefined = after ?? { name_initial: initials[0]! };
      const found: UserItem[] = [];
      while (from) {
        if (budget <= 0) return page(found, from);
        // Without a filter one more than wanted is read: it tells whether there is a next page, and is its first.
        const most = filtered ? Math.min(budget, READ_AT_ONCE) : limit - found.length + 1;
        const { items, read, last } = await query(from.name_initial, prefix, wanted, from, most);
        budget -= read;
        found.push(...items);
        if (found.length > limit) return page(found.slice(0, limit), placeOf(found[limit - 1]!));
        from = last ?? initialAfter(from.name_initial, initials);
      }
      return page(found, null);
    },

    async byId(id) {
      const users: SealedUser[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const answer = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'id = :id',
            ExpressionAttributeValues: { ':id': id },
            ExclusiveStartKey,
          }),
        );
        users.push(...((answer.Items ?? []) as UserItem[]).map(toUser));
        ExclusiveStartKey = answer.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return users;
    },
  };
};

const page = (items: readonly UserItem[], next: UserPlace | null) => ({ users: items.map(toUser), next });

const placeOf = ({ name_initial, name_key, id, last_name }: UserItem): UserPlace => ({
  name_initial,
  name_key,
  id,
  last_name,
});

const initialAfter = (initial: string, initials: readonly string[]): UserPlace | undefined => {
  const name_initial = initials[initials.indexOf(initial) + 1];
  return name_initial === undefined ? undefined : { name_initial };
};
