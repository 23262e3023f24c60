import { expect, it } from '@jest/globals';
import { observe } from './observe.ts';

it('says of every call its own method, status and counts, and of the first alone that it met a cold start', () => {
  const lines: string[] = [];
  const settings = { service: 'api', stage: 'test', cors_origins: [], verify_token: () => Promise.reject() };
  const { before, after } = observe({ ...settings, write: (line) => lines.push(line) }, { method: 'GET', path: '/a' });
  const calls = ['GET 200', 'GET 200', 'GET 404', 'HEAD 404', 'HEAD 503', 'GET 200'];
  for (const call of calls) {
    const [httpMethod, status] = call.split(' ');
    const event = {
      httpMethod,
      headers: {},
      trace: { id: 'trace' },
      requestContext: { requestId: 'a "quoted" íd 🍇' },
    };
    const response = { statusCode: Number(status), headers: {}, body: 'four', isBase64Encoded: false };
    const request = { event, context: {}, response } as never;
    before(request);
    after(request);
  }
  // They are written as Latin-1.
  expect(lines.join('')).toMatch(/^[\n -~]*$/);
  const said = lines.map((line) => JSON.parse(line));
  expect(said.map(({ method, status }) => `${method} ${status}`)).toEqual(calls);
  expect(said.map(({ ClientErrors }) => ClientErrors)).toEqual([0, 0, 1, 1, 0, 0]);
  expect(said.map(({ ServerErrors }) => ServerErrors)).toEqual([0, 0, 0, 0, 1, 0]);
  expect(said.map(({ cold_start }) => cold_start)).toEqual([true, false, false, false, false, false]);
  for (const { timestamp, _aws, request_id, bytes, Requests } of said) {
    expect(Date.parse(timestamp)).toBe(_aws.Timestamp);
    expect({ request_id, bytes, Requests }).toEqual({ request_id: 'a "quoted" íd 🍇', bytes: 4, Requests: 1 });
  }
});
