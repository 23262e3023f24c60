import { NO_COUNTS } from '@granary/domain/run';
import { describe, expect, it } from '@jest/globals';
import type { PublicRun } from './api-client.ts';
import { makeProgress, progressLine } from './progress.ts';
import { summary } from './summary.ts';

const hosts = { embrapa: 'example.org', random_users: 'example.com' };

const run = (more: Partial<PublicRun> = {}): PublicRun => ({
  id: 'collect-1',
  kind: 'collect',
  source: 'embrapa',
  state: 'running',
  started_at: '2026-11-20T08:00:00.000Z',
  ended_at: null,
  duration_s: null,
  parts: 4,
  parts_done: 1,
  counts: NO_COUNTS,
  versions: [],
  errors: [],
  cost_usd_estimate: 0,
  ...more,
});
const usersRun = (more: Partial<PublicRun> = {}): PublicRun =>
  run({ id: 'users-1', kind: 'users', source: 'random_users', parts: 10, parts_done: 10, ...more });
const dataset = (id: string, latest: number | null) =>
  ({ id, latest, rows: latest && 1234, rows_quarantined: latest && 5 }) as never;

describe('progress', () => {
  it('counts files, versions and rows, and says when some failed', () => {
    const counts = { ...NO_COUNTS, rows_published: 12345, unchanged: 1 };
    expect(progressLine([run({ counts, versions: ['a@1'] })])).toBe(
      '[######------------------] 1/4 files · 1 published · 1 unchanged · 12,345 rows',
    );
    expect(progressLine([run({ counts: { ...NO_COUNTS, errors: 2 } })])).toContain('2 failed');
    expect(progressLine([])).toContain('0/0');
  });

  it('counts pages and users beside the files, or without them', () => {
    const users = usersRun({ parts_done: 4, users: { new: 1390, overwritten: 10, failed: 0 } });
    expect(progressLine([run(), users])).toBe(
      '[#########---------------] 1/4 files · 0 published · 0 unchanged · 0 rows · 4/10 pages · 1,400 users',
    );
    expect(progressLine([users])).toBe('[##########--------------] 4/10 pages · 1,400 users');
  });

  it('fits into the columns of a terminal, whatever it has to leave out', () => {
    const counts = { ...NO_COUNTS, rows_published: 13_456, errors: 12 };
    const versions = Array.from({ length: 15 }, String);
    const runs = [
      run({ parts: 15, parts_done: 15, counts, versions }),
      usersRun({ users: { new: 990, overwritten: 10, failed: 0 } }),
    ];
    expect(progressLine(runs, 80)).toMatch(
      /^\[#+\] 15\/15 files · 13,456 rows · 10\/10 pages · 1,000 users · 12 failed$/,
    );
    for (const columns of [72, 79, 80, 90, 100, 120])
      expect(progressLine(runs, columns).length).toBeLessThanOrEqual(columns);
    const written: string[] = [];
    const output = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
    makeProgress({ hosts, output }).show(runs);
    expect(written[0].replace('\r\u001b[2K', '').length).toBeLessThan(80);
  });

  it('writes over one line on a terminal, and elsewhere a line for each file that has ended', () => {
    const written: string[] = [];
    const output = { isTTY: false, write: (text: string) => written.push(text) };
    const plain = makeProgress({ hosts, output });
    for (const parts_done of [0, 0, 1]) plain.show([run({ parts_done })]);
    plain.end();
    expect(written).toHaveLength(2);
    written.length = 0;
    const terminal = makeProgress({ hosts, output: { ...output, isTTY: true } });
    for (const parts_done of [0, 1]) terminal.show([run({ parts_done })]);
    terminal.end();
    expect(written.join('')).not.toMatch(/\n./);
  });

  it.each([false, true])(
    'says once whom it waits for when nothing has ended for ten seconds (terminal: %s)',
    (isTTY) => {
      const written: string[] = [];
      let at = 0;
      const output = { isTTY, write: (text: string) => written.push(text) };
      const progress = makeProgress({ hosts, output, now: () => at });
      for (at of [0, 9_000, 9_999]) progress.show([run()]);
      expect(written.join('')).not.toContain('waiting');
      for (at of [10_000, 11_000, 60_000]) progress.show([run()]);
      expect(written.join('').match(/waiting for example\.org …\n/g)).toHaveLength(1);
    },
  );
});

it('waits for those whose run goes on only', () => {
  const written: string[] = [];
  let at = 0;
  const output = { write: (text: string) => written.push(text) };
  const progress = makeProgress({ hosts, output, now: () => at });
  for (at of [0, 10_000]) progress.show([run({ state: 'succeeded' }), usersRun({ state: 'running' })]);
  expect(written.at(-1)).toBe('waiting for example.com …\n');
});

describe('summary', () => {
  it('says of each dataset what this collection did to it, and why one was not collected', () => {
    const error = { part: 3, dataset: 'c', url: null, message: 'The source answered 404.', at: '' };
    const text = summary(
      [dataset('a', 2), dataset('b', 1), dataset('c', 1)],
      [run({ versions: ['a@2'], errors: [error] })],
      1.23,
    );
    expect(text).toMatch(/^a +2 +1,234 +5 +published$/m);
    expect(text).toMatch(/^b +1 +1,234 +5 +unchanged$/m);
    expect(text).toMatch(/^c +1 +1,234 +5 +failed$/m);
    expect(text).toMatch(/^3 datasets +3,702 +15 +1\.2 s$/m);
    expect(text).toContain('c: The source answered 404.');
  });

  const failing = (datasets: readonly string[], more: Partial<PublicRun> = {}) =>
    run({
      state: 'partial',
      parts: 15,
      counts: { ...NO_COUNTS, errors: datasets.length },
      errors: datasets.map((name) => ({ part: 1, dataset: name, url: null, message: 'It answered 500.', at: '' })),
      ...more,
    });

  it('ends with how many files failed, why, what stays served and where to read more', () => {
    const text = summary([dataset('a', 1), dataset('b', 1)], [failing(['a', 'b'])], 1);
    expect(text).toMatch(
      /\n\n2 of 15 files could not be collected from embrapa: It answered 500\. The versions before stay served\. See \/v1\/runs\/collect-1$/,
    );
    expect(summary([dataset('a', null)], [failing(['a'])], 1)).toContain('None of them is served yet.');
    expect(summary([dataset('a', null), dataset('b', 1)], [failing(['a', 'b'])], 1)).toContain('1 stay served');
    expect(summary([dataset('a', 1)], [run({ state: 'succeeded' })], 1)).not.toContain('could not');
  });

  it('lists the first twelve of many, and says of a run that was given up that it did not end', () => {
    const text = summary([], [failing([...'abcdefghijklmn'])], 1);
    expect(text).toContain('  l: It answered 500.\n  … and 2 more\n');
    expect(summary([], [run({ state: 'failed' })], 1)).toContain('The collection from embrapa could not be ended');
  });

  it('gives a source of many datasets one line, with what became of them', () => {
    const many = Array.from(
      { length: 81 },
      (_, index) => ({ ...(dataset(`p${index}`, 1) as object), source: 'portal' }) as never,
    );
    const text = summary([dataset('a', 1), ...many], [run({ versions: ['p7@1', 'p8@1'] })], 1);
    expect(text).toMatch(
      /^a +1 +1,234 +5 +unchanged\nportal: 81 datasets +99,954 +405 +79 unchanged, 2 published\n82 da/m,
    );
  });

  it('says that datasets of which none was made yet are not served', () => {
    expect(summary([dataset('a', 1)], [failing(['p1', 'p2'])], 1)).toContain('None of them is served yet.');
  });

  // It once said of datasets that are served that none is.
  it('says of a run that was given up that what was there before stays', () => {
    const text = summary([dataset('a', 1)], [run({ state: 'failed' })], 1);
    expect(text).toContain('What was published before stays served.');
    expect(text).not.toContain('None');
  });

  it('says below the table what became of the users', () => {
    const users = { new: 1990, overwritten: 10, failed: 0 };
    const whole = usersRun({ state: 'succeeded', users, counts: { ...NO_COUNTS, requests: 20 } });
    expect(summary([dataset('a', 1)], [run({ state: 'succeeded' }), whole], 1)).toMatch(
      / s\n\nusers {2}2,000 written \(1,990 new, 10 overwritten\) in 20 calls,\n {7}0 quarantined, 0 failed$/,
    );
    const small = usersRun({
      users: { ...users, new: 90 },
      counts: { ...NO_COUNTS, requests: 1, rows_deduplicated: 2 },
    });
    expect(summary([], [small], 1)).toContain('100 written (90 new, 10 overwritten) in 1 call,\n       2 merged, 0');
  });

  it('says which pages could not be fetched, why, and where to read more, and nothing worse of the datasets', () => {
    const error = (part: number) => ({ part, dataset: null, url: null, message: 'It answered 500', at: '' });
    const counts = { ...NO_COUNTS, requests: 28, errors: 9 };
    const failing = usersRun({ state: 'partial', counts, errors: [6, 2, 1, 4, 3, 5].map(error) });
    const text = summary([dataset('a', 1)], [run({ state: 'succeeded', versions: ['a@1'] }), failing], 1);
    expect(text).toMatch(/^a .*published$/m);
    expect(text).toContain('0 quarantined, 9 pages failed\n');
    expect(text).toContain('Not fetched:\n  page 1: It answered 500\n');
    expect(text).toContain(
      '  page 5: It answered 500\n  … and 4 more\n\n9 of 10 pages could not be fetched from random_users:',
    );
    expect(text).toMatch(
      /: It answered 500\. What was written stays\. See \/v1\/runs\/users-1, \/v1\/runs\/users-1\/log and, as an operator, \/v1\/admin\/dead-letters$/,
    );
    expect(summary([], [usersRun({ state: 'failed' })], 1)).toContain('could not be ended: the run did not end in');
  });

  it('says of a run that goes on how far it is, and what could not be begun', () => {
    const text = summary([], [usersRun({ parts_done: 3 })], 1, ['The collection could not be planned: no']);
    expect(text).toContain('random_users is not done yet: 3 of 10 pages. The run goes on, see /v1/runs/users-1');
    expect(text).toMatch(/\n\nThe collection could not be planned: no$/);
  });
});
