import type { PublicRun } from './api-client.ts';

export type Progress = { show(runs: readonly PublicRun[]): void; end(): void };

const WIDTH = 24;
const LEAST_WIDTH = 8;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** What is left out first where the line is too long for the terminal comes first. */
const SPARABLE = [/^0 (published|unchanged|rows)$/, / unchanged$/, / published$/, / rows$/];

const factsOf = (runs: readonly PublicRun[]): string[] => {
  const files = runs.filter(({ kind }) => kind !== 'users');
  const pages = runs.filter(({ kind }) => kind === 'users');
  const done = (of: readonly PublicRun[]) =>
    `${sum(of.map((run) => run.parts_done))}/${sum(of.map((run) => run.parts))}`;
  const written = sum(pages.map(({ users }) => (users?.new ?? 0) + (users?.overwritten ?? 0)));
  const errors = sum(runs.map((run) => run.counts.errors));
  return [
    ...(files.length > 0 || pages.length === 0
      ? [
          `${done(files)} files`,
          `${sum(files.map((run) => run.versions.length))} published`,
          `${sum(files.map((run) => run.counts.unchanged))} unchanged`,
          `${sum(files.map((run) => run.counts.rows_published)).toLocaleString('en-GB')} rows`,
        ]
      : []),
    ...(pages.length > 0 ? [`${done(pages)} pages`, `${written.toLocaleString('en-GB')} users`] : []),
    ...(errors > 0 ? [`${errors} failed`] : []),
  ];
};

/**
 * `[########----] 10/15 files · 9 published · 1 unchanged · 12,345 rows · 4/10 pages · 400 users`, in fewer words and
 * with a shorter bar where it would not fit into so many `columns`.
 */
export const progressLine = (runs: readonly PublicRun[], columns = Number.POSITIVE_INFINITY): string => {
  let facts = factsOf(runs);
  const room = () => columns - ' · '.length * (facts.length - 1) - sum(facts.map((fact) => fact.length)) - '[] '.length;
  for (const sparable of SPARABLE) if (room() < LEAST_WIDTH) facts = facts.filter((fact) => !sparable.test(fact));
  const width = Math.max(LEAST_WIDTH, Math.min(WIDTH, room()));
  const done = sum(runs.map((run) => run.parts_done));
  const parts = sum(runs.map((run) => run.parts));
  const filled = parts === 0 ? 0 : Math.round((done / parts) * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${facts.join(' · ')}`;
};

type Output = { isTTY?: boolean; columns?: number; write(text: string): unknown };

const PATIENCE_MS = 10_000;

/**
 * One line that is written over on a terminal; elsewhere a line whenever a file or a page has ended. Says once whom it
 * waits for (`hosts`, of the runs that go on) when nothing has ended for 10 s.
 */
export const makeProgress = (options: {
  hosts: Readonly<Record<string, string>>;
  output?: Output;
  now?: () => number;
}): Progress => {
  const { hosts, output = process.stdout, now = Date.now } = options;
  let last = '';
  let lastDone = -1;
  let changed = now();
  let waiting = false;
  return {
    show(runs) {
      // A line as wide as the terminal is already broken by some.
      const line = progressLine(runs, output.isTTY && output.columns ? output.columns - 1 : undefined);
      const done = sum(runs.map((run) => run.parts_done));
      const running = runs.filter(({ state }) => state === 'running');
      if (done !== lastDone) changed = now();
      else if (!waiting && running.length > 0 && now() - changed >= PATIENCE_MS) {
        waiting = true;
        const whom = [...new Set(running.map(({ source }) => hosts[source] ?? source))].join(' and ');
        output.write(output.isTTY ? `\r\u001b[2Kwaiting for ${whom} …\n${line}` : `waiting for ${whom} …\n`);
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
