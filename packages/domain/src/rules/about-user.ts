import type { User } from '../user.ts';

/** What the secrets of a user are sealed about: moved to another user, they do not open. */
export const aboutUser = ({ id, last_name }: Pick<User, 'id' | 'last_name'>): string =>
  JSON.stringify(['user', id, last_name]);
