import { NO_COUNTS } from '@granary/domain/run';
import { describe, expect, it } from '@jest/globals';
import type { PublicRun } from './api-client.ts';
import { makeProgress, progressLine } from './progress.ts';
import { summary } from './summary.ts';

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

  it('writes over one line on a terminal, and elsewhere a line for each file that has ended', () => {
    const written: string[] = [];
    const output = { isTTY: false, write: (text: string) => written.push(text) };
    const plain = makeProgress({ host: 'h', output });
    for (const parts_done of [0, 0, 1]) plain.show([run({ parts_done })]);
    plain.end();
    expect(written).toHaveLength(2);
    written.length = 0;
    const terminal = makeProgress({ host: 'h', output: { ...output, isTTY: true } });
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
      const progress = makeProgress({ host: 'example.org', output, now: () => at });
      for (at of [0, 9_000, 9_999]) progress.show([run()]);
      expect(written.join('')).not.toContain('waiting');
      for (at of [10_000, 11_000, 60_000]) progress.show([run()]);
      expect(written.join('').match(/waiting for example\.org …\n/g)).toHaveLength(1);
    },
  );
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

  it('lists the first five of many, and says of a run that was given up that it did not end', () => {
    const text = summary([], [failing([...'abcdefg'])], 1);
    expect(text).toContain('  e: It answered 500.\n  … and 2 more\n');
    expect(summary([], [run({ state: 'failed' })], 1)).toContain('The collection from embrapa could not be ended');
  });

  // It once said of datasets that are served that none is.
  it('says of a run that was given up that what was there before stays', () => {
    const text = summary([dataset('a', 1)], [run({ state: 'failed' })], 1);
    expect(text).toContain('What was published before stays served.');
    expect(text).not.toContain('None');
  });
});
