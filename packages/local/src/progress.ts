import type { PublicRun } from './api-client.ts';

export type Progress = { show(runs: readonly PublicRun[]): void; end(): void };

const WIDTH = 24;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** `[########----] 10/15 files · 9 published · 1 unchanged · 12,345 rows` */
export const progressLine = (runs: readonly PublicRun[]): string => {
  const done = sum(runs.map((run) => run.parts_done));
  const parts = sum(runs.map((run) => run.parts));
  const filled = parts === 0 ? 0 : Math.round((done / parts) * WIDTH);
  const facts = [
    `${done}/${parts} files`,
    `${sum(runs.map((run) => run.versions.length))} published`,
    `${sum(runs.map((run) => run.counts.unchanged))} unchanged`,
    `${sum(runs.map((run) => run.counts.rows_published)).toLocaleString('en-GB')} rows`,
  ];
  const errors = sum(runs.map((run) => run.counts.errors));
  if (errors > 0) facts.push(`${errors} failed`);
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${facts.join(' · ')}`;
};

type Output = { isTTY?: boolean; write(text: string): unknown };

const PATIENCE_MS = 10_000;

/**
 * One line that is written over on a terminal; elsewhere a line whenever a file has ended. Says once whom it waits for (`host`)
 * when nothing has ended for 10 s.
 */
export const makeProgress = (options: { host: string; output?: Output; now?: () => number }): Progress => {
  const { host, output = process.stdout, now = Date.now } = options;
  let last = '';
  let lastDone = -1;
  let changed = now();
  let waiting = false;
  return {
    show(runs) {
      const line = progressLine(runs);
      const done = sum(runs.map((run) => run.parts_done));
      if (done !== lastDone) changed = now();
      else if (!waiting && now() - changed >= PATIENCE_MS) {
        waiting = true;
        output.write(output.isTTY ? `\r\u001b[2Kwaiting for ${host} …\n${line}` : `waiting for ${host} …\n`);
      }
      if (output.isTTY ? line === last : done === lastDone) return;
      output.write(output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
      last = line;
      lastDone = done;
    },
    end() {
      if (output.isTTY && last) output.write('\n');
    },
  };
};
