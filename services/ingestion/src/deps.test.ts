import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { embrapa } from '@granary/sources/embrapa';
import { randomUsers } from '@granary/sources/users/random-users';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fetchUsersDeps, planDeps, planUsersDeps } from './deps.ts';

const before = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, {
    STAGE: 'test',
    CATALOG_TABLE: 'table',
    USERS_TABLE: 'users',
    DATA_BUCKET: 'bucket',
    USERS_KEY_ID: 'alias/users',
    USERS_LOG_GROUP: '/granary/test/users',
    COLLECT_QUEUE_URL: 'http://127.0.0.1:1/queue',
    FETCH_USERS_QUEUE_URL: 'http://127.0.0.1:1/users',
    USERS_PER_RUN: '1000',
    USERS_SCHEDULE: 'rate(1 day)',
    USERS_PER_MINUTE: '75',
    AWS_REGION: 'us-east-1',
  });
});
afterEach(() => {
  process.env = { ...before };
});

describe('The table of runs', () => {
  it('may be too busy five times in a row, and no message is sent back for it', async () => {
    let busy = 5;
    const table = createServer((request, response) => {
      request.resume();
      const throttled = JSON.stringify({
        __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      });
      response.writeHead(busy > 0 ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(busy-- > 0 ? throttled : '{}');
    });
    await new Promise<void>((resolve) => table.listen(0, '127.0.0.1', resolve));
    const without = jest.spyOn(Math, 'random').mockReturnValue(0);
    try {
      const { port } = table.address() as AddressInfo;
      const account = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
      Object.assign(process.env, { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`, ...account });
      expect(await fetchUsersDeps().runs.partState('run-1', 1)).toBe('open');
      expect(busy).toBe(-1);
    } finally {
      without.mockRestore();
      table.closeAllConnections();
      table.close();
    }
  });
});

const baseUrl = (value: string): string => {
  process.env.GRANARY_EMBRAPA_URL = value;
  return planDeps().baseUrl(embrapa);
};

describe('The address that replaces a source', () => {
  it('is taken as it is, and an empty one is none', () => {
    expect(baseUrl(' http://127.0.0.1:4010/download/ ')).toBe('http://127.0.0.1:4010/download/');
    expect(baseUrl('')).toBe(embrapa.base_url);
  });

  it.each(['http://me:secret@files.test/', 'http://me@files.test/', 'file:///etc/', 'files.test'])(
    'is refused by the name of its variable, and not repeated, lest a password is published with the datasets: %s',
    (value) => {
      expect(() => baseUrl(value)).toThrow(/^The environment variable GRANARY_EMBRAPA_URL must be [^:@]*$/);
    },
  );
});

describe('What is set for the fetching of users', () => {
  it('is how many calls a minute, all of which may go out together, up to a hundred', () => {
    expect(fetchUsersDeps().pace).toEqual({ requests_per_minute: 75, burst: 75 });
    process.env.USERS_PER_MINUTE = '6000';
    expect(fetchUsersDeps().pace).toEqual({ requests_per_minute: 6000, burst: 100 });
    process.env.USERS_PER_MINUTE = '0.5';
    expect(fetchUsersDeps().pace).toEqual({ requests_per_minute: 0.5, burst: 1 });
  });

  it.each(['0', '-1', 'many', 'NaN', 'Infinity', '1e9'])(
    'is refused by its name when it is no such number: %s',
    (value) => {
      process.env.USERS_PER_MINUTE = value;
      expect(() => fetchUsersDeps()).toThrow('The environment variable USERS_PER_MINUTE must be a number');
      process.env.USERS_PER_RUN = value;
      expect(() => planUsersDeps()).toThrow('The environment variable USERS_PER_RUN must be a whole number');
    },
  );

  it('is refused by its name when it is not there, or is no schedule', () => {
    process.env.USERS_SCHEDULE = 'daily';
    expect(() => planUsersDeps()).toThrow('The environment variable USERS_SCHEDULE must be a rate');
    delete process.env.USERS_KEY_ID;
    expect(() => fetchUsersDeps()).toThrow('The environment variable USERS_KEY_ID is not set.');
  });

  it('is where they are read', () => {
    expect(fetchUsersDeps().baseUrl()).toBe(randomUsers.base_url);
    process.env.GRANARY_USERS_URL = ' http://127.0.0.1:4010/api/v2/ ';
    expect(fetchUsersDeps().baseUrl()).toBe('http://127.0.0.1:4010/api/v2/');
    process.env.GRANARY_USERS_URL = 'http://me:secret@users.test/';
    expect(() => fetchUsersDeps()).toThrow(/^The environment variable GRANARY_USERS_URL must be [^:@]*$/);
  });
});
