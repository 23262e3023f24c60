import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeBundle } from '../../scripts/bundles.ts';
import { artifacts } from './artifacts.ts';

const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const ofStores = createRequire(join(root, 'packages/stores/package.json'));
const CLIENTS = ['athena', 'cloudwatch-logs', 'dynamodb', 'glue', 'kms', 's3', 'sqs'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'granary-parts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client's shapes by name, as text: what a shape refers to is given by its kind and name. */
const texts = (exports: Readonly<Record<string, unknown>>): Record<string, string> => {
  const refer = (_: string, value: unknown) =>
    typeof value === 'function' ? `to ${String((value as () => unknown[])().slice(0, 3))}` : value;
  const shapes = Object.entries(exports).filter(([name, value]) => name.endsWith('$') && Array.isArray(value));
  return Object.fromEntries(shapes.map(([name, shape]) => [name, JSON.stringify(shape, refer)]));
};

describe("the grammar of SQL beside a function's bundle", () => {
  it('is found by it when a query is checked', async () => {
    await writeBundle(join(root, 'packages/sql/src/checking/check-sql.ts'), folder);
    expect(readdirSync(folder)).toContain('check-sql.grammar.cjs');
    const { checkSql } = require(join(folder, 'check-sql.js'));
    const sql = 'SELECT year, sum(quantity) AS litres FROM embrapa_producao WHERE year >= :since GROUP BY year';
    expect(checkSql(sql, { since: 2000 })).toMatchObject({ tables: ['embrapa_producao'], volatile: false });
    expect(() => checkSql('DROP TABLE embrapa_producao', {})).toThrow(/DROP/);
  });

  it('is packaged with query and with no other function', async () => {
    const holders = [...(await artifacts())].flatMap(([name, entries]) =>
      entries.filter((entry) => /grammar\.cjs$/.test(entry.name)).map((entry) => `${name}: ${entry.name}`),
    );
    expect(holders).toEqual(['api/query: src/areas/query.grammar.cjs']);
  }, 540_000);
});

describe("the regular expressions of filters beside a function's bundle", () => {
  it('are found by it when one is compiled', async () => {
    await writeBundle(join(root, 'packages/tabular/src/query/regular-expression.ts'), folder);
    expect(readdirSync(folder)).toContain('regular-expression.re2js.cjs');
    const { compileExpression, loadExpressions } = require(join(folder, 'regular-expression.js'));
    await loadExpressions();
    const { matches } = compileExpression('^vinho', true);
    expect(['VINHO DE MESA', 'de vinho'].map((text) => matches(text))).toEqual([true, false]);
  });

  it('are packaged with records and plots and with no other function', async () => {
    const holders = [...(await artifacts())].flatMap(([name, entries]) =>
      entries.filter((entry) => /re2js\.cjs$/.test(entry.name)).map((entry) => `${name}: ${entry.name}`),
    );
    expect(holders.sort()).toEqual([
      'api/plots: src/areas/plots.re2js.cjs',
      'api/records: src/areas/records.re2js.cjs',
    ]);
  }, 540_000);
});

describe('the shapes of AWS in a bundle', () => {
  it.each(CLIENTS)('are those that %s has', async (client) => {
    const path = `@aws-sdk/client-${client}`;
    await writeBundle(ofStores.resolve(`${path}/dist-es/schemas/schemas_0.js`), join(folder, client));
    const bundled = texts(require(join(folder, client, 'schemas_0.js')));
    expect(Object.keys(bundled).length).toBeGreaterThan(20);
    expect(bundled).toEqual(texts(ofStores(path)));
  });
});

describe('a bundle', () => {
  it('has no character that V8 would keep at two bytes, with all others of the file', async () => {
    const bundles = [...(await artifacts())].flatMap(([name, entries]) =>
      entries
        .filter((entry) => /^src\/(?:areas|functions)\/[\w-]+\.js$/.test(entry.name))
        .map((entry) => ({ name, code: entry.content().toString('utf8') })),
    );
    expect(bundles.length).toBeGreaterThanOrEqual(17);
    expect(bundles.filter(({ code }) => /[\u0100-\uffff]/.test(code)).map(({ name }) => name)).toEqual([]);
  }, 540_000);
});
