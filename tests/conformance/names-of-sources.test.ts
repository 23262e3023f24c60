import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Files that may name a source, a dataset or a publisher, and why. */
const MAY: readonly [path: RegExp, why: string][] = [
  [/^packages\/sources\//, 'what sources are shipped is said there'],
  [/^packages\/replica\//, 'it imitates their sites'],
  [/^packages\/local\/src\/options\.ts$/, 'it imports the years of the replica’s files'],
  [/^(packages\/local\/src\/start-sources\.ts|config\/source-urls\.cjs)$/, 'they say the new name of a variable'],
  [/^scripts\/repository-rules\.ts$/, 'it names a folder of samples'],
  [/(\.test\.ts$|\/testing\/)/, 'tests'],
  [/(\.gen\.|\/openapi\.json$|\/postman\.json$)/, 'generated'],
];

it('sources, their datasets and publishers are named where sources are declared, and nowhere else', () => {
  const named = [...TABLE_SOURCES, USERS_SOURCE].flatMap(({ id, publisher, base_url, datasets }) => [
    ...[id, publisher, new URL(base_url).hostname],
    ...datasets.map((dataset) => dataset.id),
  ]);
  const words = new RegExp(`(?<![a-z0-9])(${named.map((word) => word.replaceAll('.', '\\.')).join('|')})`, 'i');
  const files = execFileSync('git', ['ls-files', 'packages', 'services', 'scripts', 'config'], { cwd: root });
  const found = String(files)
    .split('\n')
    .filter((path) => /\.(ts|mjs|cjs|ya?ml|json)$/.test(path) && !MAY.some(([may]) => may.test(path)))
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});
