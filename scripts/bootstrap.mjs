/**
 * Everything `npm start|test|run …` needs on a machine with only Node ≥ 20 and npm: installs pnpm's lockfile when it
 * changed, then runs the given script on Node 24: this one, where it is one, and else the one that the lockfile pins.
 * Plain JavaScript: it runs on Node 20.
 *
 *   node scripts/bootstrap.mjs [options of Node] <script.ts> [args…]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
/** Of the Node that everything runs on, as functions do (config/provider.yml). */
const NODE_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';

const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  fail(
    `Granary needs Node 20 or newer to set itself up; this is Node ${process.versions.node}. Install it from https://nodejs.org and try again.`,
  );
}

const lock = readFileSync(join(root, 'pnpm-lock.yaml'));
const hash = createHash('sha256').update(lock).digest('hex');
const stamp = join(root, 'node_modules', '.bootstrap-stamp');
const pinned = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
const node = major === NODE_MAJOR ? process.execPath : pinned;

if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  console.error('Installing dependencies (once per lockfile; about half a minute and 850 MB of disk) …');
  const begun = Date.now();
  const install = spawnSync('npx', ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    shell: windows,
  });
  if (install.status !== 0) {
    const said = `${install.stdout ?? ''}${install.stderr ?? ''}${install.error ?? ''}`;
    console.error(said.split('\n').slice(-25).join('\n'));
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/i.test(said)) {
      fail(
        'The dependencies could not be fetched: the npm registry was not reached. Connect to a network (or set the npm "registry" and "proxy" settings) and run the same command again; it goes on where it stopped.',
      );
    }
    if (/ENOSPC/.test(said))
      fail('The dependencies could not be written: the disk is full. Free about 1 GB and run the same command again.');
    if (/EACCES|EPERM/.test(said))
      fail(
        `The dependencies could not be written: no permission in ${root}. Make the folder yours and run the same command again.`,
      );
    fail(
      'The dependencies could not be installed; the lines above say why. Run the same command again once that is mended.',
    );
  }
  try {
    writeFileSync(stamp, hash);
  } catch (error) {
    fail(
      `The folder ${root} cannot be written to (${error.code}). Free some disk space or make the folder yours and run the same command again.`,
    );
  }
  console.error(`Installed in ${Math.round((Date.now() - begun) / 1000)} s.`);
}

const [script, ...args] = process.argv.slice(2);
if (!script) fail('Usage: node scripts/bootstrap.mjs <script> [arguments]');
// A binary of node_modules is given by its path; a script of ours runs as TypeScript (Node strips the types).
const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    // What was compiled is kept for the next time, for what the script starts as well (Serverless and its plugins are
    // some 600 files): a fifth of the time that a service of `npm start` takes to start.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'granary', 'compiled'),
    ...process.env,
    PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  },
});
// npm dies of a SIGTERM without a word to its child, and nobody can pass on a SIGKILL: this process then belongs to
// another one.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM');
}, 1000).unref();
// A Ctrl-C reaches the whole group from the terminal; a plain `kill` reaches only this process, so it is passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) =>
  fail(`${node} could not be started: ${error.message}. Delete node_modules and run the same command again.`),
);
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
