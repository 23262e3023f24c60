/**
 * `npm test`: the checks, then unit, integration, conformance and e2e tests. Its last line is `N passed, N failed`.
 * `npm test -- <pattern>` runs only the jest files whose path matches.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTarget } from '../tests/e2e/target.ts';
import { CHECKS } from './check.ts';
import { runSteps } from './steps.ts';
import { filesThatWant, isWanting, type JestReport, leftOut, slowest, unexplained } from './test-report.ts';

const USAGE = `npm test [-- [options] <pattern> …]   all tests, or those whose path matches one of the patterns
  --wanting   run only the tests that need more than Node and npm (samples, a browser, …); fail when one is skipped
  --times     list the slowest files and tests

GRANARY_TARGET=<stage>[@<region>] runs the end-to-end tests (only those, unless you name files) against a deployed stage: docs/deploy.md.`;

const args = process.argv.slice(2);
const patterns = args.filter((arg) => !arg.startsWith('-'));
const options = new Set(args.filter((arg) => arg.startsWith('-')));
if ([...options].some((option) => !['--wanting', '--times'].includes(option))) {
  console.log(USAGE);
  process.exit(options.has('--help') || options.has('-h') ? 0 : 1);
}
const target = (() => {
  try {
    return readTarget();
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(1);
  }
})();
/** There is one deployed stage for all: one file after the other. */
const oneByOne = target ? ['--runInBand', '--forceExit'] : [];
let passed = 0;
let failed = 0;
/**
 * What several test files need and takes long to make, such as the packaged services
 * (packages/local/src/testing/test-cache.ts).
 */
const cache = mkdtempSync(join(tmpdir(), 'granary-test-cache-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
const reports: JestReport[] = [];
/** Jest compiles each file anew for each test; to keep all of that (scripts/bootstrap.mjs) would only fill the disk. */
const { NODE_COMPILE_CACHE: _, ...withoutCompiled } = process.env;

/** Runs jest on some of the tests and adds its counts; a suite that could not even start counts as one failure. */
const jest = async (label: string, args: readonly string[]): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
  const report = join(folder, 'report.json');
  console.log(`\n${label}`);
  const code = await new Promise<number>((resolve) => {
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--json',
        `--outputFile=${report}`,
        ...args,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'], env: { ...withoutCompiled, GRANARY_TEST_CACHE: cache } },
    );
    child.on('error', () => resolve(1));
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  let counts: JestReport | undefined;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    reports.push(counts);
  } catch {
    // No report: jest itself did not start; counted below.
  }
  rmSync(folder, { recursive: true, force: true });
  const neverRan =
    counts?.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length ?? 0;
  const failures = (counts?.numFailedTests ?? 0) + neverRan;
  passed += counts?.numPassedTests ?? 0;
  failed += failures;
  if (code !== 0 && failures === 0) failed += 1; // jest said no for another reason: an open handle, a bad option, no tests
};

if (options.has('--wanting')) {
  const files = filesThatWant().filter(
    (file) => patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern).test(file)),
  );
  await jest('Tests that want more than Node and npm', [
    '--maxWorkers=2',
    '--testNamePattern=\\[wants ',
    '--runTestsByPath',
    ...files,
  ]);
} else if (patterns.length > 0) await jest('Chosen tests', [...oneByOne, ...patterns]);
else if (target)
  await jest(`End-to-end tests of the stage ${target.stage} in ${target.region}`, [
    ...oneByOne,
    '--testPathPatterns',
    '/tests/e2e/',
  ]);
else {
  const broken = await runSteps(CHECKS);
  failed += broken.length;
  passed += CHECKS.length - broken.length;
  // A worker keeps what each file loaded (jest never lets go of all of it), and collecting garbage takes longer with
  // each: at 400 MB a file took three times as long. Beyond this heap a new worker is begun.
  // Many wait for a process, a clock or a stack of their own: three at once keep two cores busy, the longest first
  // (tests/jest-sequencer.ts). What a failed test leaves running must not keep everybody waiting for the figures.
  await jest('Tests', ['--maxWorkers=3', '--workerIdleMemoryLimit=150MB', '--forceExit']);
}

const absent = leftOut(reports).filter((line) => !options.has('--wanting') || isWanting(line));
const silent = options.has('--wanting') ? [] : unexplained(reports);
console.log('');
if (options.has('--times')) for (const line of slowest(reports, 20)) console.log(line);
for (const line of absent) console.log(line);
for (const line of silent) console.log(line);
failed += silent.length + (options.has('--wanting') ? absent.length : 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
