import { nameKey } from '@granary/domain/rules/name-key';
import type { SealedUser, User } from '@granary/domain/user';

/** Members of a user that are attributes of its item, besides the two that are its key. */
const MEMBERS = [
  ...['uid', 'password', 'first_name', 'username', 'email', 'avatar', 'gender', 'phone_number'],
  ...['social_insurance_number', 'date_of_birth', 'employment', 'address', 'credit_card', 'subscription'],
] as readonly (keyof User)[];

/** Where a user stands in the list, and which pages wrote it. */
const OURS = ['sealed', 'name_initial', 'name_key', 'country', 'written_by'] as const;
const WRITTEN: readonly (keyof User | (typeof OURS)[number])[] = [...MEMBERS, ...OURS];

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

const EXPRESSIONS_HELD = 1000;
const expressions = new Map<string, string>();

/** What sets these attributes and removes the others: the same for nearly all users, so it is written once. */
const expressionOf = (given: readonly string[]): string => {
  const key = given.join();
  const held = expressions.get(key);
  if (held !== undefined) return held;
  const set = given.map((name) => `#${name} = :${name}`);
  const absent = WRITTEN.filter((name) => !given.includes(name)).map((name) => `#${name}`);
  const made = `SET ${set.join(', ')}, #first_written_by = if_not_exists(#first_written_by, :written_by)${
    absent.length > 0 ? ` REMOVE ${absent.join(', ')}` : ''
  }`;
  if (expressions.size === EXPRESSIONS_HELD) expressions.clear();
  expressions.set(key, made);
  return made;
};

/**
 * An UpdateItem that leaves the item as a PutItem would, but for one attribute: who wrote it first stays. With the old
 * item it tells a new user from one that was there, also when the same page is written a second time.
 */
export const writeOf = (written: SealedUser, origin: string) => {
  const item = toItem(written, origin);
  const given = WRITTEN.filter((name) => item[name] !== undefined);
  return {
    Key: { id: item.id, last_name: item.last_name },
    UpdateExpression: expressionOf(given),
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: Object.fromEntries(given.map((name) => [`:${name}`, item[name]])),
  };
};
