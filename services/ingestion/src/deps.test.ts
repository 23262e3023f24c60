import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { embrapa, randomUsers } from '@granary/sources/testing/shipped';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { collectDeps, fetchUsersDeps, planDeps, planUsersDeps, watchDeps } from './deps.ts';

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
    USERS_PER_MINUTE: '75',
    SOURCE_URLS: '{}',
    AWS_REGION: 'us-east-1',
  });
});
afterEach(() => {
  process.env = { ...before };
});

/** A service that throttles five times, and then answers with nothing in it; says how many calls it took. */
const throttledFive = async (service: string, error: string, work: () => Promise<void>): Promise<number> => {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    calls += 1;
    response.writeHead(calls > 5 ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(calls > 5 ? '{}' : JSON.stringify({ __type: error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const without = jest.spyOn(Math, 'random').mockReturnValue(0);
  try {
    const { port } = server.address() as AddressInfo;
    const account = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    Object.assign(process.env, { [`AWS_ENDPOINT_URL_${service}`]: `http://127.0.0.1:${port}`, ...account });
    await work();
    return calls;
  } finally {
    without.mockRestore();
    server.closeAllConnections();
    server.close();
  }
};

describe('The table of runs', () => {
  it('may be too busy five times in a row, and no message is sent back for it', async () => {
    const error = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    const calls = await throttledFive('DYNAMODB', error, async () => {
      expect(await fetchUsersDeps().runs.partState('run-1', 1)).toBe('open');
    });
    expect(calls).toBe(6);
  });
});

describe('The catalog of tables in SQL', () => {
  it('may be too busy five times in a row, and no message is sent back for it', async () => {
    process.env.SQL_DATABASE = 'granary_test';
    const calls = await throttledFive('GLUE', 'ThrottlingException', async () => {
      expect(await collectDeps().tables.getLatest('wine')).toBeUndefined();
    });
    expect(calls).toBe(6);
  });
});

const baseUrl = (value: string): string => {
  process.env.SOURCE_URLS = JSON.stringify({ embrapa: value });
  return planDeps().baseUrl(embrapa);
};

describe('The address that replaces a source', () => {
  it('is taken as it is, and without one the source is read at its own', () => {
    expect(baseUrl('http://127.0.0.1:4010/download/')).toBe('http://127.0.0.1:4010/download/');
    process.env.SOURCE_URLS = '{}';
    expect(planDeps().baseUrl(embrapa)).toBe(embrapa.base_url);
  });

  /** With a table that has nothing in it. */
  const known = async () => {
    let found = {};
    await throttledFive(
      'DYNAMODB',
      'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      async () => {
        found = {
          planned: (await planDeps().sources.list()).some(({ id }) => id === 'embrapa'),
          collected: (await collectDeps().findSource('embrapa')) !== undefined,
          watched: 'embrapa' in (await watchDeps().schedules()),
        };
      },
    );
    return found;
  };

  it('may be none: the source is then not planned, not collected and not watched', async () => {
    process.env.SQL_DATABASE = 'granary_test';
    expect(await known()).toEqual({ planned: true, collected: true, watched: true });
    process.env.SOURCE_URLS = '{"embrapa":"none"}';
    expect(await known()).toEqual({ planned: false, collected: false, watched: false });
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
    },
  );

  it('is what their source says, where the stage says nothing else', () => {
    delete process.env.USERS_PER_MINUTE;
    expect(fetchUsersDeps().pace.requests_per_minute).toBe(randomUsers.requests_per_minute);
    expect(planUsersDeps()?.source.config).toEqual(randomUsers.config);
  });

  it('may be that they are not collected: none are planned, and none fetched for whatever message comes', async () => {
    process.env.SOURCE_URLS = '{"random_users":"none"}';
    expect(planUsersDeps()).toBeUndefined();
    expect(() => fetchUsersDeps().baseUrl()).toThrow("'random_users' is not collected here");
    const error = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    await throttledFive('DYNAMODB', error, async () => {
      expect(await watchDeps().schedules()).not.toHaveProperty('random_users');
    });
  });

  it('is refused by its name when it is not there', () => {
    delete process.env.USERS_KEY_ID;
    expect(() => fetchUsersDeps()).toThrow('The environment variable USERS_KEY_ID is not set.');
  });

  it('is where they are read', () => {
    expect(fetchUsersDeps().baseUrl()).toBe(randomUsers.base_url);
    process.env.SOURCE_URLS = '{"random_users":"http://127.0.0.1:4010/api/v2/"}';
    expect(fetchUsersDeps().baseUrl()).toBe('http://127.0.0.1:4010/api/v2/');
    process.env.SOURCE_URLS = '{"random_users":"http://me:secret@users.test/"}';
    expect(() => fetchUsersDeps()).toThrow(/^The environment variable GRANARY_RANDOM_USERS_URL must be [^:@]*$/);
  });
});
