/** Apart from the source: who only names it need not load how its answers are read. */
export const RANDOM_USERS = 'random_users';
