import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

type Options = { env?: Record<string, string>; input?: string };

/**
 * The terminal of somebody who deploys: in this folder, with these variables, and nothing else of AWS, Granary or npm
 * that this process has.
 */
export const makeShell = (folder: string, variables: Record<string, string>) => ({
  /** `npm run -s …`: what it says. Throws what it said when it fails. */
  npm: (args: readonly string[], { env, input = '' }: Options = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('npm', ['run', '-s', ...args], {
        cwd: folder,
        env: { ...ownEnvironment(), ...variables, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const [said, everything] = [[] as Buffer[], [] as Buffer[]];
      child.stdout.on('data', (piece) => said.push(piece) && everything.push(piece));
      child.stderr.on('data', (piece) => everything.push(piece));
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) return resolve(Buffer.concat(said).toString());
        // Of thousands of lines of progress the last say why.
        const last = Buffer.concat(everything).toString().split('\n').slice(-40).join('\n');
        reject(new Error(`npm run ${args.join(' ')} ended with ${code}:\n${last}`));
      });
      child.stdin.end(input);
    }),
});

const ownEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(AWS_|GRANARY_|NODE_OPTIONS|npm_|ESB_DIR)/.test(entry[0]),
    ),
  ),
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
});
