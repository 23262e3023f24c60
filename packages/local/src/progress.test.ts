import { NO_COUNTS } from '@granary/domain/run';
import { describe, expect, it } from '@jest/globals';
import type { PublicRun } from './api-client.ts';
import { makeProgress, progressLine } from './progress.ts';
import { howToCall, summary } from './summary.ts';

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
    const plain = makeProgress(output);
    for (const parts_done of [0, 0, 1]) plain.show([run({ parts_done })]);
    plain.end();
    expect(written).toHaveLength(2);
    written.length = 0;
    const terminal = makeProgress({ ...output, isTTY: true });
    for (const parts_done of [0, 1]) terminal.show([run({ parts_done })]);
    terminal.end();
    expect(written.join('')).not.toMatch(/\n./);
  });
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

  it('names the folder of the state to curl only when it is not the usual one', () => {
    expect(howToCall('http://localhost:4000')).not.toContain('GRANARY_STATE');
    expect(howToCall('http://localhost:4000', '/x')).toContain('GRANARY_STATE=/x node');
  });
});
