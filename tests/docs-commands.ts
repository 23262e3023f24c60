/**
 * The commands of the README and of docs/: blocks of `sh`. Those of a running stack are executed as they stand there
 * (e2e/examples.test.ts); of all others {@link ELSEWHERE} says what executes them, or what they need that no test has.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

/** `name` is what stands behind `sh`: blocks of the runbook that drills run have one. */
export type Block = { page: string; name: string; commands: string };

export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const readPage = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

export const blocksOf = (page: string): Block[] =>
  [...readPage(page).matchAll(/^( *)```sh *(\w*)\n([\s\S]*?)^ *```/gm)].map(
    ([, indent = '', name = '', text = '']) => ({
      page,
      name,
      commands: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
    }),
  );

type Elsewhere = { page: string; begins: string } & ({ by: string } | { needs: RegExp });

/**
 * `by` is the file whose test, or suite of CI, executes it; `needs` matches where its page says what it needs. Each
 * stands for the first block of the page that begins so and was not named before.
 */
export const ELSEWHERE: readonly Elsewhere[] = [
  { page: 'README.md', begins: 'npm start', by: '.ci/newcomer' },
  { page: 'README.md', begins: 'npm run deploy', by: 'tests/deploy/verify.ts' },
  { page: 'docs/add-a-source.md', begins: 'mkdir', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-a-source.md', begins: 'npm run -s granary', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-a-source.md', begins: 'npm run gen', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-a-source.md', begins: 'node -e', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-a-source.md', begins: 'TOKEN=', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-an-endpoint.md', begins: 'npm run gen', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/add-an-endpoint.md', begins: 'curl', by: 'tests/e2e/walk-throughs.test.ts' },
  { page: 'docs/deploy.md', begins: 'npm run deploy -- --stage prod', by: 'tests/deploy/verify.ts' },
  {
    page: 'docs/deploy.md',
    begins: 'aws iam create-role',
    needs: /credentials of an AWS account as the AWS CLI finds/,
  },
  { page: 'docs/deploy.md', begins: 'npm run admin -- users add', by: 'tests/deploy/verify.ts' },
  { page: 'docs/deploy.md', begins: 'npm run -s token', by: 'tests/deploy/verify.ts' },
  { page: 'docs/deploy.md', begins: 'TOKEN=$(npm run -s token', by: 'tests/deploy/verify.ts' },
  { page: 'docs/deploy.md', begins: 'npm run remove', by: 'tests/deploy/verify.ts' },
  { page: 'docs/deploy.md', begins: 'npm run remove', by: 'tests/deploy/verify.ts' },
  { page: 'docs/deploy.md', begins: 'npm run verify:deploy', by: '.ci/suites/deploy' },
  { page: 'docs/deploy.md', begins: 'GRANARY_TARGET=', needs: /It needs the AWS credentials of an administrator/ },
  { page: 'docs/deploy.md', begins: 'export GRANARY_EMBRAPA_URL', needs: /deployed to collect from this machine/ },
  { page: 'docs/local.md', begins: 'aws cloudwatch', by: 'packages/embedded-aws/src/cloudwatch/alarms.test.ts' },
  { page: 'docs/runbook.md', begins: 'aws iam update-access-key', needs: /needs the AWS CLI and an administrator/ },
  { page: 'docs/runbook.md', begins: 'aws cloudtrail', needs: /needs the AWS CLI and an administrator/ },
  { page: 'docs/runbook.md', begins: 'npm run remove', by: 'tests/deploy/verify.ts' },
  { page: 'docs/runbook.md', begins: 'KEY_ID=$(aws kms', needs: /needs the AWS CLI and `kms:DescribeKey`/ },
  { page: 'docs/runbook.md', begins: 'aws dynamodb restore-table', needs: /the embedded DynamoDB keeps no past/ },
];

/** Those that a running stack of this machine executes as they stand there. */
export const executable = (page: string): string[] => {
  const elsewhere = ELSEWHERE.filter((one) => one.page === page).map(({ begins }) => begins);
  return blocksOf(page)
    .filter(({ name }) => name === '')
    .map(({ commands }) => commands)
    .filter((commands) => {
      const at = elsewhere.findIndex((begins) => commands.startsWith(begins));
      if (at >= 0) elsewhere.splice(at, 1);
      return at < 0;
    });
};
