import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embrapaTable } from '@granary/replica/embrapa/file';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { routes } from './plots.ts';

const docs = join(import.meta.dirname, '../../../../docs');
const page = readFileSync(join(docs, 'plots.md'), 'utf8');
const EXAMPLES = Array.from(
  page.matchAll(/^`GET (\/v1\/plots\/[^`]+)`\n\n!\[[^\]]+\]\((plots\/[a-z]+\.svg)\)$/gm),
  ([, path, file]) => [path, file] as [string, string],
);
const FILES = { embrapa_producao: 'Producao', embrapa_exp_vinho: 'ExpVinho', embrapa_imp_vinhos: 'ImpVinhos' };

const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
const call = callArea(stores, routes);
beforeAll(async () => {
  for (const [dataset, file] of Object.entries(FILES)) {
    const { layout, rows } = embrapaTable(file, { seed: 'granary', vintage: 2023 });
    await publishCsv(stores, dataset, rows.map((cells) => `${cells.join(layout.delimiter)}\n`).join(''));
  }
});

describe('the examples of docs/plots.md', () => {
  it('are of the five kinds', () => {
    expect(EXAMPLES.map(([, file]) => file)).toEqual(
      ['line', 'bar', 'area', 'point', 'heatmap'].map((kind) => `plots/${kind}.svg`),
    );
  });

  // To renew a picture delete its file, run this, and look at it.
  it.each(EXAMPLES)('%s looks as in %s', async (path, file) => {
    const { statusCode, body } = await call(path);
    expect(statusCode).toBe(200);
    const picture = join(docs, file);
    if (!existsSync(picture)) writeFileSync(picture, body);
    expect(body).toBe(readFileSync(picture, 'utf8'));
  });
});
