/**
 * This repository as it stands, in a folder where files can be changed and deployed: files are copied, what is
 * installed is linked. Below .granary, so that links work and nothing else reads it (Node takes no TypeScript below
 * node_modules).
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export const makeWorkingCopy = (): { folder: string; remove(): void } => {
  const parent = join(root, '.granary');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'verify-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    maxBuffer: 64 << 20,
  });
  for (const file of listed.toString().split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  const installed = execFileSync(
    'find',
    ['.', '-path', './.granary', '-prune', '-o', '-name', 'node_modules', '-prune', '-print'],
    {
      cwd: root,
    },
  );
  for (const path of installed.toString().split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    execFileSync('cp', ['-al', join(root, path), join(folder, path)]);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
