/** Rules about the tree that no linter has: each prints what breaks it, and the script fails. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { commentsTooWide } from './rules/comment-width.ts';
import { filesTooLong } from './rules/file-length.ts';
import { namesUsedTwice, type SourceText } from './rules/one-name.ts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && /\.(ts|mjs|cjs|ya?ml|md)$/.test(path));

/** Put together so that this file does not break its own rules. */
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
const FOCUSED = new RegExp(`\\b(it|test|describe)\\.(on${'ly'}|sk${'ip'})\\(`);
/**
 * What a machine may not have: a test that looks for it by itself fails, or is left out without a word, where it is
 * absent.
 */
const BY_ITSELF = /\bshared\/(data|cases|embrapa|users)\b|['"`]\/(usr|root)\//;
const WIDE_OPEN = /Resource:\s*['"]?\*['"]?\s*$/m;
const broken: string[] = [];
const texts: SourceText[] = [];

for (const path of files) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    continue; // deleted, not yet committed
  }
  texts.push({ path, text });
  const code = ['.ts', '.mjs', '.cjs'].includes(extname(path));
  if (!path.startsWith('pnpm-lock') && UNFINISHED.test(text)) broken.push(`${path}: an unfinished mark`);
  if (code && FOCUSED.test(text)) broken.push(`${path}: a focused or left-out test`);
  if (/(\.test\.ts$|\/testing\/|^tests\/)/.test(path) && !path.endsWith('/wanted.ts') && BY_ITSELF.test(text))
    broken.push(`${path}: looks for samples or programs by itself (packages/local/src/testing/wanted.ts does it)`);
  if (/^services\/.*\.ya?ml$/.test(path) && WIDE_OPEN.test(text)) broken.push(`${path}: Resource: "*"`);
  if (
    /^services\/[^/]+\/src\/.*\.ts$/.test(path) &&
    !/((deps|\.test)\.ts$|\/testing\/)/.test(path) &&
    /process\.env/.test(text)
  ) {
    broken.push(`${path}: reads process.env (only deps.ts may)`);
  }
  if (
    /^packages\/(tabular|domain|sources|stores|runtime)\/src\/.*\.ts$/.test(path) &&
    !/(\.test\.ts$|\/testing\/)/.test(path) &&
    /process\.env\b(?!\.AWS_|\.POWERTOOLS_|\._X_AMZN)/.test(text)
  ) {
    broken.push(`${path}: reads process.env (pass it in from a composition root)`);
  }
}

broken.push(...namesUsedTwice(texts), ...filesTooLong(texts), ...commentsTooWide(texts));

for (const line of broken) console.error(line);
if (broken.length > 0) process.exitCode = 1;
