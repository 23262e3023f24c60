import type { User } from '../user.ts';

/** The context that a user's secrets are sealed with: moved to another user, they do not open. */
export const aboutUser = ({ id, last_name }: Pick<User, 'id' | 'last_name'>): string =>
  JSON.stringify(['user', id, last_name]);
