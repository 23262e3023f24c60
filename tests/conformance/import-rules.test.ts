import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** What dependency-cruiser says of a small tree with the project's rules; empty when it finds nothing. */
const violations = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'granary-rules-'));
  try {
    for (const top of ['packages', 'services']) mkdirSync(join(folder, top));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    execFileSync(
      join(root, 'node_modules/.bin/depcruise'),
      ['--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'err', 'packages', 'services'],
      { cwd: folder, encoding: 'utf8', stdio: 'pipe' },
    );
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe('the import rules', () => {
  it('find a type-only import of the domain in tabular', () => {
    const found = violations({
      'packages/domain/src/run.ts': 'export type Run = string;\n',
      'packages/tabular/src/a.ts': "import type { Run } from '../../domain/src/run.ts';\nexport type A = Run;\n",
    });
    expect(found).toContain('tabular-imports-only-nothing-of-ours');
  });

  it('find anything of ours in the embedded AWS, in its tests too', () => {
    const domain = { 'packages/domain/src/run.ts': 'export const run = 1;\n' };
    const line = "export { run } from '../../domain/src/run.ts';\n";
    expect(violations({ ...domain, 'packages/embedded-aws/src/a.test.ts': line })).toContain(
      'embedded-aws-imports-only',
    );
    expect(violations({ ...domain, 'packages/sql/src/a.ts': line })).toBe('');
  });

  it('find the API below it: no package imports a service', () => {
    const found = violations({
      'services/api/src/a.ts': 'export const a = 1;\n',
      'packages/plots/src/b.ts': "export { a } from '../../../services/api/src/a.ts';\n",
    });
    expect(found).toContain('plots-imports-only-domain-tabular');
  });

  it('find adapters imported by an endpoint, and leave deps.ts alone', () => {
    const store = { 'packages/stores/src/s.ts': 'export const s = 1;\n' };
    const line = "export { s } from '../../../packages/stores/src/s.ts';\n";
    expect(violations({ ...store, 'services/api/src/endpoint.ts': line })).toContain('only-deps-imports-adapters');
    expect(violations({ ...store, 'services/api/src/deps.ts': line })).toBe('');
  });

  it('find a service that imports another one', () => {
    const found = violations({
      'services/storage/src/a.ts': 'export const a = 1;\n',
      'services/api/src/b.ts': "export { a } from '../../storage/src/a.ts';\n",
    });
    expect(found).toContain('services-never-import-each-other');
  });
});
