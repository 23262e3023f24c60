import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { User } from '@granary/domain/user';
import { samples } from '@granary/local/testing/wanted';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';
import { allUsers, fetchUsers, json } from './users-api.ts';

const local = needsLocal('it starts the stack with other sources');

/** Where they are absent the replica's suites cover the same ground. */
local.describeWith(samples('data/users'), 'the real users, served on a local port', (folder) => {
  const state = newState();
  const users: User[] = JSON.parse(readFileSync(join(folder, 'users.json'), 'utf8'));
  let stack: Stack;
  let site: Server;

  beforeAll(async () => {
    site = createServer((request, response) => {
      const url = new URL(request.url as string, 'http://x');
      if (!url.pathname.endsWith('/users')) return response.writeHead(404).end();
      const size = Number(url.searchParams.get('size') ?? 1);
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      if (size > 100) return response.end(readFileSync(join(folder, 'error_size_over_100.json')));
      response.end(size === 1 ? JSON.stringify(users[0]) : readFileSync(join(folder, 'users.json')));
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/api/v2/`;
    stack = await startStack({ state, args: ['--no-collect'], env: { GRANARY_RANDOM_USERS_URL: url } });
  }, 600_000);
  afterAll(async () => {
    await stack?.stop();
    site?.close();
    dropState(state);
  }, 90_000);

  it('are stored and read back equal, field by field, but for the password', async () => {
    const run = await fetchUsers(stack, { users: 100 });
    expect(run).toMatchObject({ state: 'succeeded', counts: { requests: 1, rows_quarantined: 0 } });
    expect(run.users).toEqual({ new: users.length, overwritten: 0, failed: 0 });
    const read = await allUsers(stack, 'analyst');
    const byKey = (list: User[]) => new Map(list.map((user) => [`${user.id}/${user.last_name}`, user]));
    const stored = byKey(read);
    expect(stored.size).toBe(byKey(users).size);
    for (const [key, user] of byKey(users)) expect(stored.get(key)).toEqual({ ...user, password: '***' });
    const masked = await allUsers(stack, 'reader');
    for (const [key, user] of byKey(masked)) {
      const real = byKey(users).get(key) as User;
      expect(user.social_insurance_number).toBe(`***-***-${real.social_insurance_number?.slice(-3)}`);
      const hidden = ['password', 'social_insurance_number', 'credit_card', 'username', 'email', 'phone_number'];
      const open = (whole: User) =>
        Object.fromEntries(Object.entries(whole).filter(([name]) => !hidden.includes(name)));
      expect(open(user)).toEqual(open(real));
    }
  });

  it('come one alone as an object too, and are overwritten by the same ones', async () => {
    const one = await fetchUsers(stack, { users: 1, size: 1 });
    expect(one).toMatchObject({ state: 'succeeded', users: { new: 0, overwritten: 1, failed: 0 } });
    expect(await json(stack, 'reader', '/status')).toMatchObject({ users: 1, api_calls: 1, errors: [] });
  });
});
