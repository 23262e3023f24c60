import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ELSEWHERE, FUNCTION_NAMES, FUNCTIONS, VOLATILE } from './functions.ts';

describe('the functions of a query', () => {
  it('are named once each, in lower case', () => {
    expect(new Set(FUNCTION_NAMES).size).toBe(FUNCTION_NAMES.length);
    for (const name of FUNCTION_NAMES) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  it('have those that are volatile, and those to which other dialects are led, among them', () => {
    for (const name of [...VOLATILE, ...Object.values(ELSEWHERE)]) expect(FUNCTION_NAMES).toContain(name);
    for (const name of Object.keys(ELSEWHERE)) expect(FUNCTION_NAMES).not.toContain(name);
  });

  it('read no files, tell nothing of the engine, and give no tables', () => {
    const others = [
      'read_csv',
      'read_parquet',
      'glob',
      'getenv',
      'version',
      'current_user',
      'current_groups',
      'invoker_principal',
      'query',
      'fail',
    ];
    for (const name of others) expect(FUNCTION_NAMES).not.toContain(name);
  });

  it('stand in docs/sql.md, by group', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/sql.md'), 'utf8');
    for (const [group, names] of FUNCTIONS) {
      const line = page.split('\n').find((line) => line.startsWith(`* **${group}**: `));
      expect(line).toBe(`* **${group}**: ${names.map((name) => `\`${name}\``).join(' ')}`);
    }
  });
});
