/**
 * `npm test`: the checks, then unit, integration, conformance and e2e tests. Its last line is `N passed, N failed`.
 * `npm test -- <pattern>` runs only the jest files whose path matches.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from './check.ts';
import { runSteps } from './steps.ts';

type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
};

const patterns = process.argv.slice(2);
if (patterns.some((pattern) => pattern.startsWith('-'))) {
  console.log('npm test [-- <pattern> …]   all tests, or those whose path matches one of the patterns');
  process.exit(patterns.includes('--help') || patterns.includes('-h') ? 0 : 1);
}
let passed = 0;
let failed = 0;

if (patterns.length === 0) {
  const broken = await runSteps(CHECKS);
  failed += broken.length;
  passed += CHECKS.length - broken.length;
}

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
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    child.on('error', () => resolve(1));
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  let counts: JestReport | undefined;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
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

if (patterns.length > 0) await jest('Chosen tests', [...patterns]);
else {
  await jest('Unit and integration tests', [
    '--maxWorkers=2',
    '--testPathIgnorePatterns',
    '/node_modules/',
    '/tests/e2e/',
  ]);
  // The e2e suite starts whole stacks: one at a time, or the two cores measure each other.
  // What a failed test leaves running must not keep everybody waiting for the figures.
  await jest('End-to-end tests', ['--runInBand', '--forceExit', '--testPathPatterns', '/tests/e2e/']);
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
