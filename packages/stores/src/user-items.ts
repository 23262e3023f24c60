import { nameKey } from '@granary/domain/rules/name-key';
import type { SealedUser, User } from '@granary/domain/user';

/** Members of a user that are attributes of its item, besides the two that are its key. */
const MEMBERS = [
  ...['uid', 'password', 'first_name', 'username', 'email', 'avatar', 'gender', 'phone_number'],
  ...['social_insurance_number', 'date_of_birth', 'employment', 'address', 'credit_card', 'subscription'],
] as readonly (keyof User)[];

/** Where a user stands in the list, and which pages wrote it. */
const OURS = ['sealed', 'name_initial', 'name_key', 'country', 'written_by'] as const;
const WRITTEN: readonly string[] = [...MEMBERS, ...OURS];

/** An item of the users' table (docs/contracts: DynamoDB). */
export type UserItem = User & {
  sealed?: SealedUser['sealed'];
  name_initial: string;
  name_key: string;
  /** A copy from the address: DynamoDB filters by it. */
  country?: string | null;
  /** The page that wrote it last, and the one that wrote it first: `<run>/<page>`. */
  written_by: string;
  first_written_by: string;
};

export const toItem = ({ user, sealed }: SealedUser, origin: string): Omit<UserItem, 'first_written_by'> => ({
  ...user,
  ...nameKey(user.last_name, user.id),
  ...(sealed && { sealed }),
  country: user.address?.country,
  written_by: origin,
});

export const toUser = (item: UserItem): SealedUser => {
  const { id, last_name, sealed } = item;
  const members = MEMBERS.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]);
  return { user: { id, last_name, ...Object.fromEntries(members) }, sealed: sealed ?? null };
};

const NAMES = Object.fromEntries([...WRITTEN, 'first_written_by'].map((name) => [`#${name}`, name]));

/**
 * An UpdateItem that leaves the item as a PutItem would, but for one attribute: who wrote it first stays. With the old item it tells a new
 * user from one that was there, also when the same page is written a second time.
 */
export const writeOf = (written: SealedUser, origin: string) => {
  const { id, last_name, ...item } = toItem(written, origin);
  const values = new Map(Object.entries(item).filter(([, value]) => value !== undefined));
  const set = [...values.keys()].map((name) => `#${name} = :${name}`);
  const absent = WRITTEN.filter((name) => !values.has(name)).map((name) => `#${name}`);
  return {
    Key: { id, last_name },
    UpdateExpression: `SET ${set.join(', ')}, #first_written_by = if_not_exists(#first_written_by, :written_by)${
      absent.length > 0 ? ` REMOVE ${absent.join(', ')}` : ''
    }`,
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: Object.fromEntries([...values].map(([name, value]) => [`:${name}`, value])),
  };
};
