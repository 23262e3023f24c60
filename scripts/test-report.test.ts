import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, samples } from '@granary/local/testing/wanted';
import { afterAll, expect, it } from '@jest/globals';
import { filesThatWant, isWanting, type JestReport, leftOut, slowest, unexplained } from './test-report.ts';

const test = (status: string, fullName: string, duration = 0) => ({ status, fullName, duration });
const report = (name: string, ms: number, ...assertionResults: ReturnType<typeof test>[]): JestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  testResults: [{ name: join(process.cwd(), name), status: 'passed', startTime: 0, endTime: ms, assertionResults }],
});
const reports = [
  report(
    'a.test.ts',
    2000,
    test('passed', 'reads [wants chromium] a page', 10),
    test('pending', 'a b [wants ../shared/x]'),
    test('pending', 'c [needs this machine: it kills the stack]'),
    test('pending', 'd [needs this machine: it kills the stack] [wants curl]'),
  ),
  report('b.test.ts', 1000, test('passed', 'adds', 300), test('pending', 'forgotten'), test('todo', 'later')),
];

it('Each test that was left out is told in one line, with what it wants or why it needs this machine', () => {
  expect(leftOut(reports)).toEqual([
    'left out: a.test.ts: a b (wants ../shared/x)',
    'left out: a.test.ts: c (needs this machine: it kills the stack)',
    'left out: a.test.ts: d (wants curl)',
  ]);
});

it('What wants something of the machine is told from what wants something of where it is put to', () => {
  expect(leftOut(reports).filter(isWanting)).toEqual([
    'left out: a.test.ts: a b (wants ../shared/x)',
    'left out: a.test.ts: d (wants curl)',
  ]);
});

it('A test that was left out without saying why is told too, and counts as failed', () => {
  expect(unexplained(reports)).toEqual([
    'left out without a reason: b.test.ts: forgotten',
    'left out without a reason: b.test.ts: later',
  ]);
});

it('The slowest come first, so many of them', () => {
  expect(slowest(reports, 1)).toEqual([
    'The slowest files:',
    '    2.0 s  a.test.ts',
    'The slowest tests:',
    '    0.3 s  b.test.ts: adds',
    '',
  ]);
});

it('The files that want more are found by what they import', () => {
  expect(filesThatWant()).toEqual(
    expect.arrayContaining(['packages/sources/src/kinds/embrapa/accounting.test.ts', 'tests/e2e/records.test.ts']),
  );
});

const folder = mkdtempSync(join(tmpdir(), 'granary-wanted-'));
const before = { ...process.env };
afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
});

it('A program is found on the PATH or by its variable alone, and only what can be run', () => {
  const [bin, own] = [join(folder, 'bin'), join(folder, 'own')];
  mkdirSync(bin);
  mkdirSync(join(bin, 'browser'));
  writeFileSync(join(bin, 'browser-2'), '');
  writeFileSync(own, '');
  process.env.PATH = bin;
  expect(program(['browser', 'browser-2']).path).toBeUndefined();
  chmodSync(join(bin, 'browser-2'), 0o755);
  expect(program(['browser', 'browser-2'])).toEqual({ name: 'browser', path: join(bin, 'browser-2') });
  process.env.OWN_BROWSER = own;
  expect(program(['browser-2'], 'OWN_BROWSER').path).toBeUndefined();
  chmodSync(own, 0o755);
  expect(program(['browser-2'], 'OWN_BROWSER')).toEqual({
    name: 'browser-2, on the PATH or in OWN_BROWSER',
    path: own,
  });
});

it('Samples that are not there have no place', () => {
  expect(samples('nothing/of/this/name')).toEqual({ name: '../shared/nothing/of/this/name', path: undefined });
});

it('The newcomer of CI finds no browser, Java, Python or curl', () => {
  const script = readFileSync(join(import.meta.dirname, '../.ci/newcomer'), 'utf8');
  const [, names] = /for name in ([\s\S]*?); do/.exec(script) as RegExpExecArray;
  for (const name of ['chromium', 'java', 'python3', 'curl']) expect(names.split(/\s+/)).not.toContain(name);
});
