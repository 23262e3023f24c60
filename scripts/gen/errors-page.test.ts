import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { messagesIn } from './error-messages.ts';
import { errorClasses } from './errors-page.ts';

const root = join(import.meta.dirname, '../..');

describe('docs/errors.md', () => {
  it('says of every error what it means and what to do', () => {
    const classes = errorClasses(readFileSync(join(root, 'packages/domain/src/errors.ts'), 'utf8'));
    expect(classes.length).toBeGreaterThan(20);
    const lacking = classes.filter((one) => Object.values(one).some((text) => text === ''));
    expect(lacking.map(({ name }) => name)).toEqual([]);
    expect(classes.find(({ name }) => name === 'UnfitQuery')).toMatchObject({
      code: 'unfit-query',
      status: '400, 406, 416',
      decision: 'stop',
    });
  });

  it('has the messages as the code writes them, with what is put in by its name', () => {
    const code = `
      throw new NotFound(\`There is no run '\${input.id}'; \${elsewhere('/v1/runs')}\` + ' Ask again.');
      throw InvalidRequest.of('size', 'must be a whole number');
      throw new QueryError('42703', \`column \${name} does not exist\`);
      throw new Error('of nobody');`;
    expect(messagesIn(code, 'a.ts', new Set(['NotFound', 'InvalidRequest']))).toEqual([
      { error: 'NotFound', message: "There is no run '{id}'; {elsewhere} Ask again.", file: 'a.ts' },
      { error: 'InvalidRequest', message: 'size: must be a whole number', file: 'a.ts' },
      { error: '42703', message: 'column {name} does not exist', file: 'a.ts' },
    ]);
  });
});
