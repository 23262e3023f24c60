import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embrapa, randomUsers } from '@granary/sources/testing/shipped';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.ts';
import { Sentence } from './sentences.ts';
import { configuredSources, type Sources, startSources } from './start-sources.ts';

const given = (GRANARY_EMBRAPA_URL?: string) => () => configuredSources({ GRANARY_EMBRAPA_URL });

it('takes an http(s) address for each source, or none', () => {
  expect(given()()).toEqual({});
  expect(given('')()).toEqual({});
  expect(given('http://127.0.0.1:4010/download/')()).toEqual({ embrapa: 'http://127.0.0.1:4010/download/' });
  expect(configuredSources({ GRANARY_RANDOM_USERS_URL: 'https://example.org/' })).toEqual({
    random_users: 'https://example.org/',
  });
});

it.each(['foo', 'ftp://example.org', 'localhost:4010', '/download'])('refuses %s by its name', (value) => {
  expect(given(value)).toThrow(Sentence);
  expect(given(value)).toThrow(`GRANARY_EMBRAPA_URL must be an http(s) address, not '${value}'.`);
  expect(() => configuredSources({ GRANARY_RANDOM_USERS_URL: value })).toThrow('GRANARY_RANDOM_USERS_URL must be');
});

it.each([
  'http://me:Secret1@example.org/',
  'http://Secret1@example.org',
  'ftp://me:Secret1@h',
  'me:Secret1@example.org',
])('does not repeat a password', (value) => {
  expect(given(value)).toThrow(/^GRANARY_EMBRAPA_URL must be an http\(s\) address without a user name or password\.$/);
});

it('is told that the variable of the users has another name now', () => {
  expect(() => configuredSources({ GRANARY_USERS_URL: 'http://b.example/' })).toThrow('GRANARY_RANDOM_USERS_URL now');
});

it('says what the pace of users may be', () => {
  expect(configuredSources({ GRANARY_USERS_PER_MINUTE: '600' })).toEqual({});
  for (const pace of ['0', 'many', '7.5', '-1'])
    expect(() => configuredSources({ GRANARY_USERS_PER_MINUTE: pace })).toThrow(`from 1 to 999999, not '${pace}'`);
});

describe('sources of a start', () => {
  let state: string;
  let sources: Sources | undefined;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'granary-sources-'));
  });
  afterEach(async () => {
    await sources?.close();
    sources = undefined;
    rmSync(state, { recursive: true });
  });
  const start = async (
    env: NodeJS.ProcessEnv,
    args: readonly string[] = [],
    // Those that the replica has, whichever the repository has besides.
    given: readonly { id: string; base_url: string }[] = [embrapa, randomUsers],
  ) => {
    await sources?.close();
    const ports = { replica: 0, replicaUsers: 0, replicaPortal: 0 };
    sources = await startSources({ options: parseOptions(args), state, ports, env, sources: given });
    return sources;
  };

  it('are those that the operator configured, and the replica for the others', async () => {
    const both = { GRANARY_EMBRAPA_URL: 'http://a.example/', GRANARY_RANDOM_USERS_URL: 'http://b.example/' };
    expect(await start(both)).toMatchObject({
      name: 'http://a.example/, random_users from http://b.example/',
      hosts: { embrapa: 'a.example', random_users: 'b.example' },
      env: both,
    });
    const mixed = await start({ GRANARY_EMBRAPA_URL: 'http://a.example/' });
    expect(mixed.name).toMatch(/^http:\/\/a\.example\/, random_users from the replica at http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${mixed.env.GRANARY_RANDOM_USERS_URL}users`)).status).toBe(200);
  });

  it('are named without their query, which may hold a key', async () => {
    const keyed = {
      GRANARY_EMBRAPA_URL: 'http://a.example/',
      GRANARY_RANDOM_USERS_URL: 'http://b.example/?key=abcdef',
    };
    expect(await start(keyed)).toMatchObject({
      name: 'http://a.example/, random_users from http://b.example/',
      env: keyed,
    });
  });

  it('are the real ones when that is asked for, but for those that are configured', async () => {
    expect(await start({ GRANARY_RANDOM_USERS_URL: 'http://b.example/' }, ['--live'])).toMatchObject({
      name: 'the real public sites, random_users from http://b.example/',
      hosts: { embrapa: 'vitibrasil.cnpuv.embrapa.br', random_users: 'b.example' },
      env: { GRANARY_EMBRAPA_URL: undefined },
    });
    expect((await start({}, ['--live'])).hosts.random_users).toBe('random-data-api.com');
  });

  it('are left out where the operator says so', async () => {
    const { name, hosts, env, leftOut } = await start({ GRANARY_EMBRAPA_URL: 'none' });
    expect(name).toMatch(/^the replica at /);
    expect(Object.keys(hosts)).toEqual(['random_users']);
    expect(env.GRANARY_EMBRAPA_URL).toBe('none');
    expect(leftOut).toEqual([]);
  });

  it('are never real ones that nobody asked for: one that the replica does not have is left out, and it is said how to collect it', async () => {
    const cellar = [{ id: 'cellar', base_url: 'https://cellar.example/' }];
    const { hosts, env, leftOut } = await start({}, [], cellar);
    expect(hosts).toEqual({});
    expect(env).toEqual({ GRANARY_CELLAR_URL: 'none' });
    expect(leftOut).toEqual([
      "'cellar' is not collected: set GRANARY_CELLAR_URL to an address of it, or start with --live.",
    ]);
    expect((await start({ GRANARY_CELLAR_URL: 'http://c.example/' }, [], cellar)).hosts.cellar).toBe('c.example');
    expect((await start({}, ['--live'], cellar)).hosts.cellar).toBe('cellar.example');
  });

  it('each have a host of their own on the replica, which limits users as the real one does', async () => {
    const { name, env } = await start({});
    expect(name).toMatch(/^the replica at \S+$/);
    expect(new URL(env.GRANARY_RANDOM_USERS_URL!).host).not.toBe(new URL(env.GRANARY_EMBRAPA_URL!).host);
    const statuses: number[] = [];
    for (let i = 0; i < 76; i++) statuses.push((await fetch(`${env.GRANARY_RANDOM_USERS_URL}users`)).status);
    expect(statuses).toEqual([...Array(75).fill(200), 429]);
  });

  it('bring other users at the next start, and the same year', async () => {
    const seen = async (args: readonly string[]) => {
      const { env } = await start({}, args);
      const users = await (await fetch(`${env.GRANARY_RANDOM_USERS_URL}users?size=2`)).text();
      const file = await (await fetch(`${env.GRANARY_EMBRAPA_URL}Producao.csv`)).text();
      return { users, file };
    };
    const first = await seen(['--vintage', '2024']);
    const second = await seen([]);
    expect(second.users).not.toBe(first.users);
    expect(second.file).toBe(first.file);
  });
});
