import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const run = (script: string, args: string[], env: Record<string, string> = {}) => {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}.ts`, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...inherited,
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' },
      ...env,
    },
  });
  return { status, stdout, stderr };
};

describe.each(['deploy', 'remove'])('npm run %s', (script) => {
  it('says how it is used', () => {
    const { status, stdout } = run(script, ['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^npm run ${script} -- --stage <stage> \\[--region <region>\\]`));
  });

  it.each([
    [[], /--stage takes/],
    [['--stage', 'local'], /embedded AWS/],
    [['--stage', 'dev', '--region', 'Ireland'], /not 'Ireland'/],
    [['--stage', 'dev', '--force'], /--force/],
  ])('refuses %j before it asks AWS anything', (args, said) => {
    const { status, stderr } = run(script, args);
    expect(status).toBe(2);
    expect(stderr).toMatch(said);
    expect(stderr).toContain(`npm run ${script} -- --stage <stage>`);
  });

  it('tells of an option that npm took for its own', () => {
    const { status, stderr } = run(script, ['--stage', 'dev'], { npm_config_region: 'eu-west-1' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/npm took --region for its own/);
  });

  it('says how to sign in where AWS does not answer', () => {
    const { status, stderr } = run(script, ['--stage', 'dev']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/does not say whose account this is.*AWS_PROFILE/);
    expect(stderr).not.toMatch(/\n {4}at /);
  }, 60_000);
});
