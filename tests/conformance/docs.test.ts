import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { withKind } from '@granary/domain/kind';
import type { Source } from '@granary/domain/source';
import { fileOfBytes, tableInMemory } from '@granary/domain/use-cases/testing/read-in-memory';
import { checkSource } from '@granary/sources/check-source';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { kind } from '../../docs/examples/cellar.ts';
import { endpoint } from '../../docs/examples/get-licence.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the documentation', () => {
  it('links only to files that are there', () => {
    const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
      cwd: root,
      encoding: 'utf8',
    });
    const dead = pages
      .split('\n')
      .filter((page) => page !== '' && existsSync(join(root, page)))
      .flatMap((page) =>
        [...text(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map(([, target]) => target)
          .filter((target) => !existsSync(join(root, dirname(page), target)))
          .map((target) => `${page} → ${target}`),
      );
    expect(dead).toEqual([]);
  });

  it.each([
    ['docs/add-a-source.md', 'docs/examples/cellar.ts'],
    ['docs/add-a-source.md', 'docs/examples/cellar.yml'],
    ['docs/add-a-source.md', 'docs/examples/stations.yml'],
    ['docs/add-an-endpoint.md', 'docs/examples/get-licence.ts'],
  ])('shows in %s the code of %s as it is', (page, example) => {
    expect(text(page)).toContain(`\`\`\`${extname(example).slice(1)}\n${text(example)}\`\`\``);
  });

  // It once gave its request as an object, which neither the types nor the generator take.
  it('has an example endpoint that the generator takes and that answers', async () => {
    expect(endpoint.request?.().path).toBeDefined();
    const run = endpoint.run({ catalog: { getDataset: async () => undefined } as never });
    await expect(run({ path: { id: 'x' } } as never)).rejects.toThrow("There is no dataset 'x'.");
  });

  it('has an example source that publishes what fits and quarantines what does not', async () => {
    const cellar = withKind(
      kind,
      checkSource(parse(text('docs/examples/cellar.yml')), [kind]) as Source<{ file: string }>,
    );
    const [resource] = cellar.discover({ base_url: cellar.base_url });
    const table = tableInMemory();
    const file = fileOfBytes(Buffer.from('cellar;litres\nNorth;12,5\nSouth;nd\nEast;many\nWest\n'));
    const [found] = await cellar.tables(resource, file);
    await found.read({ processing_date: '2026-11-20' }, table);
    const rows = table.rows_read.map((row) => Object.values(row));
    expect(rows).toEqual([
      ['North', 12.5, 2, '2026-11-20'],
      ['South', null, 3, '2026-11-20'],
    ]);
    expect(table.quarantined.map(({ line, reason }) => [line, reason])).toEqual([
      [4, '"many" is no figure'],
      [5, '1 cells where the header has 2'],
    ]);
  });
});
