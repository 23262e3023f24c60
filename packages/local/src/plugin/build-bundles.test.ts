import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ROOT } from '../state.ts';
import { buildBundles } from './build-bundles.ts';

let service: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(service, path)), { recursive: true });
  writeFileSync(join(service, path), text);
};
beforeAll(() => {
  service = mkdtempSync(join(tmpdir(), 'granary-bundles-'));
  symlinkSync(join(ROOT, 'services/api/node_modules'), join(service, 'node_modules'));
  write('package.json', '{}');
  mkdirSync(join(service, 'src'));
  symlinkSync(join(ROOT, 'packages/tabular/node_modules'), join(service, 'src/node_modules'));
  write(
    'src/shared.ts',
    `export const matches = async (text: string) => (await import('re2js')).RE2JS.matches('a+', text);`,
  );
  write('src/areas/one.ts', `export { matches as handler } from '../shared.ts'; export const other = () => 1;`);
  write('src/areas/two.ts', `export { matches as handler } from '../shared.ts';`);
  write('src/three.ts', 'export const handler = () => 3;');
});
afterAll(() => rmSync(service, { recursive: true, force: true }));

it('makes a bundle of each file that has handlers, and what lies beside bundles once', async () => {
  const folder = join(service, 'out');
  const settings = {
    ...{ bundle: true, format: 'cjs', exclude: [], packager: 'pnpm', skipBuild: false, outputWorkFolder: '.esbuild' },
    plugins: relative(service, join(ROOT, 'config/esbuild-plugins.cjs')),
  };
  const handlers = ['src/areas/one.handler', 'src/areas/one.other', 'src/areas/two.handler', 'src/three.handler'];
  await buildBundles(service, settings, handlers, folder);
  expect(readdirSync(join(folder, 'src/areas')).sort()).toEqual([
    ...['functions.re2js.cjs', 'one.js', 'tracer.cjs', 'two.js'],
  ]);
  const load = createRequire(join(folder, 'package.json'));
  expect(load('./src/three.js').handler()).toBe(3);
  expect(load('./src/areas/one.js').other()).toBe(1);
  for (const name of ['one', 'two']) expect(await load(`./src/areas/${name}.js`).handler('aaa')).toBe(true);
}, 60_000);
