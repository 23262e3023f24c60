import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { maskEmail } from './mask-email.ts';
import { generatePassword } from './passwords.ts';
import { askNewPassword, makeQuestions } from './questions.ts';
import { startDeployed, startPool } from './testing/granary-like-pool.ts';
import { generate } from './testing/totp.ts';

let pool: Awaited<ReturnType<typeof startPool>>;
let deployed: Awaited<ReturnType<typeof startDeployed>>;

beforeAll(async () => {
  pool = await startPool();
  deployed = await startDeployed(pool);
});
afterAll(async () => {
  await deployed.close();
  await pool.close();
});

/** What is typed after what was said so far on standard error; undefined: nothing yet. */
type Answer = (said: string) => string | undefined;

/** A program of this package in a process of its own, with `input` on its standard input. */
const run = (
  program: 'main' | 'token',
  args: readonly string[],
  { input = '', env = {}, answer }: { input?: string; env?: NodeJS.ProcessEnv; answer?: Answer } = {},
): Promise<{ out: string; err: string; code: number | null }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, `${program}.ts`), ...args], {
      // No credentials, profile or place of this machine.
      env: {
        PATH: process.env.PATH,
        HOME: pool.state,
        GRANARY_STATE: pool.state,
        AWS_EC2_METADATA_DISABLED: 'true',
        NODE_NO_WARNINGS: '1',
        ...env,
      },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
      const typed = child.stdin.writableEnded ? undefined : answer?.(err);
      if (typed !== undefined) child.stdin.end(typed);
    });
    if (answer) child.stdin.write(input);
    else child.stdin.end(input);
    child.on('close', (code) => resolve({ out, err, code }));
  });
const keys = () => ({
  AWS_ACCESS_KEY_ID: 'some',
  AWS_SECRET_ACCESS_KEY: 'key',
  AWS_ENDPOINT_URL: deployed.url,
  AWS_REGION: 'us-east-1',
});
const nameIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())['cognito:username'];

describe('a deployed stage', () => {
  it("is found by its stack, gets its first operator, who then signs in by SRP with that operator's own password", async () => {
    const added = await run('main', ['users', 'add', 'olga', '--groups', 'operators', '--stage', 'prod', '--json'], {
      env: keys(),
    });
    expect(added).toMatchObject({ code: 0, err: '' });
    const { temporary_password } = JSON.parse(added.out);
    const first = await run('token', ['olga', '--stage', 'prod'], {
      input: `${temporary_password}\nHer-own-password-1\n`,
      env: keys(),
    });
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(nameIn(first.out)).toBe('olga');
    // Without keys of AWS, where the pool is known.
    const pools = ['--pool', pool.stage.userPoolId, '--client', pool.stage.clientId];
    const again = await run('token', ['olga', ...pools], {
      input: 'Her-own-password-1\n',
      env: { AWS_ENDPOINT_URL: deployed.url },
    });
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(nameIn(again.out)).toBe('olga');
    const wrong = await run('token', ['olga', '--stage', 'prod'], { input: 'not-it\n', env: keys() });
    expect(wrong).toEqual({ code: 1, out: '', err: 'olga could not sign in: Incorrect username or password.\n' });
    const unsaid = await run('token', ['olga', '--stage', 'prod'], { env: keys() });
    expect(unsaid.err).toBe(
      'Password of olga: no answer. Without a terminal the answers are read from standard input, one a line.\n',
    );
  });

  it('has a user set up an authenticator app, asks for its code from then on, until an operator takes it off', async () => {
    const first = 'A-long-password-1';
    await run('main', ['users', 'add', 'vera', '--ask', '--stage', 'prod'], { input: `${first}\n`, env: keys() });
    const password = 'A-long-password-2';
    let secret = '';
    const setUp = await run('token', ['vera', '--stage', 'prod', '--set-up-authenticator'], {
      input: `${first}\n${password}\n`,
      env: keys(),
      answer: (said) => {
        secret = /secret=(\w+)&issuer=Granary%20prod\n/.exec(said)?.[1] ?? '';
        return secret ? `${generate(secret)}\n` : undefined;
      },
    });
    expect(setUp.code).toBe(0);
    expect(nameIn(setUp.out)).toBe('vera');
    expect(setUp.err).toContain(`shown only now: ${secret.slice(0, 4)} ${secret.slice(4, 8)} `);
    expect(setUp.err).toContain('every sign-in asks for its code');

    const enter = (...answers: string[]) =>
      run('token', ['vera', '--stage', 'prod'], { input: answers.map((one) => `${one}\n`).join(''), env: keys() });
    expect((await enter(password)).err).toContain('Code of the authenticator app: no answer.');
    const code = generate(secret);
    expect(nameIn((await enter(password, `${code.slice(0, 3)} ${code.slice(3)}`)).out)).toBe('vera');

    const admin = (...args: string[]) =>
      run('main', ['users', 'authenticator', ...args, '--stage', 'prod'], { env: keys() });
    expect((await admin('vera')).err).toContain('Only its user can set up an app: npm run -s token -- vera');
    expect((await enter(password)).code).toBe(1);
    expect((await admin('vera', '--off')).out).toContain('vera signs in by the password alone');
    expect(nameIn((await enter(password)).out)).toBe('vera');
    expect((await admin('nobody', '--off')).err).toContain('nobody');
  });

  it('that is not there is said to be missing in that region, and who is not signed in to AWS is told how', async () => {
    const list = (...args: string[]) => ['users', 'list', ...args];
    const missing = await run('main', list('--stage', 'dev', '--region', 'sa-east-1'), { env: keys() });
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toContain("There is no stage 'dev' in sa-east-1 (AWS has no stack granary-storage-dev there).");
    const { AWS_ENDPOINT_URL, AWS_REGION } = keys();
    const unsigned = await run('main', list('--stage', 'prod'), { env: { AWS_ENDPOINT_URL, AWS_REGION } });
    expect(unsigned.err).toMatch(/^You are not signed in to AWS on this machine\. .*AWS_PROFILE/);
    const unreached = await run('main', list('--stage', 'prod'), {
      env: { ...keys(), AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    });
    expect(unreached.err).toContain('AWS was not reached at http://127.0.0.1:1 (ECONNREFUSED)');
    const strange = await run('main', list('--stage', 'prod', '--region', 'mars'), { env: keys() });
    expect(strange.err).toContain("--region takes a region such as us-east-1, not 'mars'.");
  });
});

describe('the stage of this machine', () => {
  it('has the demo users of npm start, who are asked for nothing; the reader is who is not named', async () => {
    const reader = await run('token', []);
    expect(reader).toMatchObject({ code: 0, err: '' });
    expect(nameIn(reader.out)).toBe('reader');
    expect(nameIn((await run('token', ['analyst'])).out)).toBe('analyst');
  });

  it('is found by .granary/local.json; a user signs in there as elsewhere', async () => {
    const added = await run('main', ['users', 'add', 'lia', '--ask'], { input: 'Long-enough-1\n' });
    expect(added).toEqual({ code: 0, err: '', out: 'lia was added, in no group.\n' });
    const { out } = await run('token', ['lia'], { input: 'Long-enough-1\nLong-enough-2\n' });
    expect(nameIn(out)).toBe('lia');
  });

  it('is asked for when Granary is not running', async () => {
    const { err, code } = await run('main', ['users', 'list'], { env: { GRANARY_STATE: '/nowhere' } });
    expect({ err, code }).toEqual({
      code: 1,
      err: 'Granary is not running on this machine: start it with `npm start`, or name a deployed stage, as --stage dev.\n',
    });
  });
});

describe('the command line', () => {
  it('explains itself, and what it did not understand', async () => {
    const help = await run('main', ['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const word of ['users add', 'users remove', '--stage', '--region', '--json']) expect(help.out).toContain(word);
    expect((await run('token', ['-h'])).out).toContain('npm run -s token --');
    expect(await run('main', ['users', 'list', '--stag', 'prod'])).toMatchObject({ code: 2, out: '' });
    const nameless = await run('token', ['--stage', 'prod'], { env: keys() });
    expect(nameless).toMatchObject({ code: 2, err: expect.stringContaining('Who signs in?') });
  });

  it('does nothing when npm took the stage for its own', async () => {
    const { err, code } = await run('main', ['users', 'remove', 'lia', '--yes'], { env: { npm_config_stage: 'prod' } });
    expect(code).toBe(2);
    expect(err).toContain('so nothing was done: options go after `--`, as in npm run admin -- … --stage prod');
  });
});

describe('questions', () => {
  it('on a terminal are asked twice for a new password, which is not shown', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()].map((end) => Object.assign(end, { isTTY: true }));
    let shown = '';
    output!.on('data', (chunk) => {
      shown += chunk;
    });
    const password = askNewPassword(makeQuestions({ input: input!, output: output! }), 'New password');
    input!.write('secret-1\n');
    setImmediate(() => input!.write('secret-1\n'));
    expect(await password).toBe('secret-1');
    expect(shown).toContain('New password, again:');
    expect(shown).not.toContain('secret');
  });
});

it('a password that was made has characters of each kind that the policy asks for', () => {
  for (let n = 0; n < 200; n++)
    expect(generatePassword()).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!#%+=?@_-]).{20}$/);
});

it('an e-mail address is masked to its first letters and its ending', () => {
  expect(maskEmail('maria@example.org')).toBe('m***@e***.org');
  expect(maskEmail('a@localhost')).toBe('a***@l***');
  expect(maskEmail('none')).toBe('n***');
});
