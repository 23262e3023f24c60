/** `npm run check`: everything that can be told about the tree in seconds, without starting anything. */
import { runSteps, type Step } from './steps.ts';

export const CHECKS: readonly Step[] = [
  {
    name: 'lint and format (Biome)',
    command: ['node_modules/.bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  },
  { name: 'types (tsc)', command: ['node', 'node_modules/typescript/bin/tsc', '-p', '.'] },
  {
    name: 'import rules (dependency-cruiser)',
    command: [
      'node_modules/.bin/depcruise',
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'err',
      'packages',
      'services',
    ],
  },
  { name: 'generated files are fresh', command: ['node', 'scripts/gen-functions.ts', '--check'] },
  { name: 'no heavy library where it is not needed (bundles)', command: ['node', 'scripts/bundles.ts'] },
  { name: 'repository rules', command: ['node', 'scripts/repository-rules.ts'] },
];

if (import.meta.main) {
  const failed = await runSteps(CHECKS);
  if (failed.length > 0) {
    console.log(`${failed.length} of ${CHECKS.length} checks failed: ${failed.join(', ')}.`);
    console.log('`npm run format` mends most of what Biome finds, `npm run gen` writes generated files anew.');
    process.exitCode = 1;
  }
}
