import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, ELSEWHERE, executable, PAGES, ROOT, readPage } from '../docs-commands.ts';

describe('The commands of the README and of docs/', () => {
  it('are executed by a test, or say what they need', () => {
    for (const page of PAGES) {
      const unnamed = blocksOf(page).filter(({ name }) => name === '');
      const elsewhere = ELSEWHERE.filter((one) => one.page === page);
      // Each line of the list is of a block that is there.
      expect({ page, executed: executable(page).length }).toEqual({
        page,
        executed: unnamed.length - elsewhere.length,
      });
      for (const one of elsewhere)
        if ('by' in one) expect({ ...one, found: existsSync(join(ROOT, one.by)) }).toMatchObject({ found: true });
        else expect(readPage(page)).toMatch(one.needs);
    }
  });

  it('that have a name are of the runbook, where drills call them by it', () => {
    const named = PAGES.flatMap((page) => blocksOf(page)).filter(({ name }) => name !== '');
    expect([...new Set(named.map(({ page }) => page))]).toEqual(['docs/runbook.md']);
    const folder = join(ROOT, 'scripts/drill');
    const drills = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    for (const name of new Set(named.map(({ name }) => name))) expect(drills).toContain(`'${name}'`);
  });

  it('are of scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const page of PAGES)
      for (const [, script = ''] of readPage(page).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g))
        expect({ page, script, there: script in scripts }).toEqual({ page, script, there: true });
  });
});
