/**
 * cfn-lint and checkov over the packaged templates of every service, for stages that differ. `.ci/suites/templates`
 * calls it; by hand:
 * `node scripts/bootstrap.mjs tests/templates/lint.ts`. Wants Python with venv.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Packaged, packageInto, SERVICES } from '../conformance/sls-package.ts';
import { makeReport } from '../deploy/report.ts';
import { installPython } from '../ministack/install-python.ts';

/** Each stage in a region of its own, and one in two: what is deployed to which, and is there, differs by both. */
const PLACES = [
  { stage: 'dev', region: 'us-east-1' },
  { stage: 'prod', region: 'us-east-1' },
  { stage: 'prod', region: 'sa-east-1' },
] as const;
/** CloudFormation's limit, and where we stop before it. */
const MOST_RESOURCES = 400;

type Failed = { check_id: string; check_name: string; file_path: string; resource: string };
type Exception = { check: string; resource: string; why: string };

const run = async (command: string, args: readonly string[], cwd: string): Promise<string> => {
  const env = { ...process.env, BC_SKIP_MAPPING: 'TRUE', LOG_LEVEL: 'ERROR' };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 256 << 20 }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      // Both end with another code than 0 when they find something, which their output says.
      if (error.stdout) return { stdout: error.stdout };
      throw new Error(`${command} failed:\n${error.stderr ?? error.message}`);
    },
  );
  return stdout;
};

const readExceptions = (): Exception[] =>
  readFileSync(join(import.meta.dirname, 'exceptions.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, check, resource, why] = /^(CKV\w+) +(AWS::[\w:.]+) +(\S.*)$/.exec(line) ?? [];
      if (!check || !resource || !why)
        throw new Error(`exceptions.txt: '${line}' is not a check, a resource and a reason.`);
      return { check, resource, why };
    });

const covers = ({ check, resource }: Exception, failed: Failed): boolean =>
  check === failed.check_id && (failed.resource === resource || failed.resource.startsWith(`${resource}.`));

const report = makeReport();
const folder = mkdtempSync(join(tmpdir(), 'granary-templates-'));
const work = mkdtempSync(join(tmpdir(), 'granary-templates-'));
const templates: { file: string; region: string }[] = [];
const names = PLACES.map(({ stage, region }) => `${stage} in ${region}`).join(', ');
const packaged = await report.check(`every service is packaged: ${names}`, async () => {
  const counts: string[] = [];
  for (const service of SERVICES) {
    let built: Packaged | undefined;
    for (const { stage, region } of PLACES) {
      const name = `${service}-${stage}-${region}`;
      const { folder: artifacts, template } = await packageInto(service, stage, region, join(work, name), built);
      built ??= { folder: artifacts, template };
      const file = `${name}.json`;
      copyFileSync(join(artifacts, 'cloudformation-template-update-stack.json'), join(folder, file));
      templates.push({ file, region });
      const count = Object.keys(template.Resources).length;
      counts.push(`${String(count).padStart(4)} resources of at most ${MOST_RESOURCES}: ${name}`);
      if (count > MOST_RESOURCES) throw new Error(counts.join('\n'));
    }
  }
  return counts.join('\n');
});
rmSync(work, { recursive: true, force: true });

if (packaged) {
  const bin = (name: string) =>
    join(installPython('templates', join(import.meta.dirname, 'requirements.txt')), '..', name);
  await report.check('cfn-lint finds no error', async () => {
    type Match = {
      Level: string;
      Filename: string;
      Message: string;
      Rule: { Id: string };
      Location: { Path: string[] };
    };
    const found: Match[] = [];
    for (const [region, ours] of Map.groupBy(templates, (one) => one.region)) {
      const args = ['--format', 'json', '--regions', region, '--', ...ours.map(({ file }) => file)];
      found.push(...(JSON.parse(await run(bin('cfn-lint'), args, folder)) as Match[]));
    }
    const errors = found.filter(({ Level }) => Level === 'Error');
    const line = ({ Filename, Rule, Location, Message }: Match) =>
      `${Filename} ${Rule.Id} ${Location.Path.join('/')}: ${Message}`;
    if (errors.length > 0) throw new Error(errors.map(line).join('\n'));
    const rules = Map.groupBy(found, ({ Rule }) => Rule.Id);
    return [...rules]
      .map(([id, matches]) => `${matches.length} warnings ${id}, such as ${line(matches[0]!)}`)
      .join('\n');
  });
  await report.check('checkov finds nothing but what has a reason', async () => {
    const args = ['--framework', 'cloudformation', '--skip-download', '--compact', '--quiet', '-o', 'json', '-d', '.'];
    const said = JSON.parse(await run(bin('checkov'), args, folder));
    const { results, summary } = (Array.isArray(said) ? said[0] : said) as {
      results: { failed_checks: Failed[] };
      summary: { passed: number; failed: number; parsing_errors: number };
    };
    if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} templates.`);
    const exceptions = readExceptions();
    const unreasoned = results.failed_checks.filter((failed) => !exceptions.some((one) => covers(one, failed)));
    const needless = exceptions.filter((one) => !results.failed_checks.some((failed) => covers(one, failed)));
    const lines = [
      ...unreasoned.map((one) => `${one.check_id} ${one.file_path} ${one.resource}: ${one.check_name}`),
      ...needless.map(
        ({ check, resource }) => `exceptions.txt has ${check} ${resource}, which checkov does not find any more`,
      ),
    ];
    if (lines.length > 0) throw new Error(lines.join('\n'));
    return `${summary.passed} checks passed, ${summary.failed} have a reason`;
  });
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = report.close() ? 0 : 1;
