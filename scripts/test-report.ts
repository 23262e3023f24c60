/** What `npm test` says of jest's reports besides the counts: what was left out and why, and what took long. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

export type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    startTime: number;
    endTime: number;
    assertionResults: { status: string; fullName: string; duration?: number | null }[];
  }[];
};

/**
 * A test says so itself: by packages/local/src/testing/wanted.ts, or by tests/e2e/needs-local.ts where a deployed stage
 * is tested.
 */
const REASON = /^(.*?)(?: \[needs this machine: .+?\])? \[(wants|needs this machine:|needs a target with) (.+?)\]/;

const testsOf = (reports: readonly JestReport[]) =>
  reports.flatMap(({ testResults }) =>
    testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map((test) => ({ ...test, file: relative(process.cwd(), name) })),
    ),
  );

/** Whether a line of {@link leftOut} is of a test that wants something of the machine it runs on. */
export const isWanting = (line: string): boolean => / \(wants [^)]*\)$/.test(line);

/** A line for each test, or group of tests, that wants what is not here, or cannot be put to what is tested. */
export const leftOut = (reports: readonly JestReport[]): string[] =>
  testsOf(reports).flatMap(({ status, fullName, file }) => {
    const [, name, verb, reason] = (status === 'pending' && REASON.exec(fullName)) || [];
    return reason === undefined ? [] : [`left out: ${file}: ${name} (${verb} ${reason})`];
  });

/** What was left out without a word: it counts as failed. */
export const unexplained = (reports: readonly JestReport[]): string[] =>
  testsOf(reports)
    .filter(({ status, fullName }) => ['pending', 'disabled', 'todo'].includes(status) && !REASON.test(fullName))
    .map(({ fullName, file }) => `left out without a reason: ${file}: ${fullName}`);

/** The test files some of whose tests want more than Node and npm. */
export const filesThatWant = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && /from '@granary\/local\/testing\/wanted'/.test(readFileSync(file, 'utf8')));

/** The files and the tests that took longest, in seconds. */
export const slowest = (reports: readonly JestReport[], count: number): string[] => {
  const files = reports
    .flatMap(({ testResults }) => testResults)
    .map(({ name, startTime, endTime }) => ({ name: relative(process.cwd(), name), ms: endTime - startTime }));
  const tests = testsOf(reports).map(({ file, fullName, duration }) => ({
    name: `${file}: ${fullName}`,
    ms: duration ?? 0,
  }));
  const table = (list: { name: string; ms: number }[]) =>
    list
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, count)
      .map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`);
  return ['The slowest files:', ...table(files), 'The slowest tests:', ...table(tests), ''];
};
