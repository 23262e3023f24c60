import type { User } from '@granary/domain/user';
import { endOfRun, type RunAnswer } from './collecting.ts';
import type { Role, Stack } from './stack.ts';

export type { Role };
export type UsersRun = Omit<RunAnswer, 'errors'> & {
  parts: number;
  parts_done: number;
  asked: { users: number; size: number };
  users: { new: number; overwritten: number; failed: number };
  errors: { part: number; message: string; answer?: { host: string; status: number | null; content: string | null } }[];
};
export type DeadLetter = {
  id: string;
  queue: string;
  run: string | null;
  part: number | null;
  reason: string;
  receives: number;
};

/** Calls the API as one of the demo users; `role` null: without a token. */
export const call = async (stack: Stack, role: Role | null, path: string, body?: unknown): Promise<Response> =>
  fetch(stack.url(path), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(role && { authorization: `Bearer ${await stack.token(role)}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

export const json = async <T>(stack: Stack, role: Role, path: string, body?: unknown): Promise<T> => {
  const answer = await call(stack, role, path, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} → ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
};

/** Starts a fetch as an operator does, and waits for its end. */
export const fetchUsers = async (stack: Stack, asked: { users?: number; size?: number }, timeout_ms = 300_000) => {
  const run = await json<UsersRun>(stack, 'operator', '/fetch-data', asked);
  return endedUsersRun(stack, run.id, timeout_ms);
};

export const endedUsersRun = (stack: Stack, id: string, timeout_ms = 300_000): Promise<UsersRun> =>
  endOfRun<UsersRun>(stack, id, timeout_ms);

/** Every user, page by page, following `next`. */
export const allUsers = async (stack: Stack, role: Role, query = ''): Promise<User[]> => {
  const users: User[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: User[]; next: string | null } = await json(stack, role, `/v1/users?limit=300${query}${more}`);
    users.push(...page.items);
    cursor = page.next;
  }
  return users;
};

/** Letters that are no letter with an accent to Unicode, and are filed as these. */
const FILED_AS: Readonly<Record<string, string>> = { ø: 'o', ı: 'i', ł: 'l', ß: 'ss', æ: 'ae', đ: 'd' };

/** Sorts as the list does: by the last name without accents, whatever the case. */
export const sortName = ({ last_name }: User): string =>
  last_name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[øıłßæđ]/g, (letter) => FILED_AS[letter] as string);
