/** A service under a real `serverless offline` that cannot be built: it has to end and say where. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startService } from './children.ts';
import { Sentence } from './sentences.ts';
import { ROOT } from './state.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'granary-children-'));
  const service = join(root, 'services', 'broken');
  mkdirSync(join(service, 'src'), { recursive: true });
  symlinkSync(join(ROOT, 'services', 'api', 'node_modules'), join(service, 'node_modules'));
  writeFileSync(join(service, 'package.json'), '{ "name": "broken", "type": "module" }');
  writeFileSync(join(service, 'src', 'one.ts'), 'export const handler = async () => {\n  return (\n};\n');
  writeFileSync(
    join(service, 'serverless.yml'),
    `service: broken
frameworkVersion: '4'
plugins: ['@granary/local/esbuild-plugin', '@granary/local/plugin', serverless-offline]
provider: { name: aws, runtime: nodejs24.x, region: us-east-1 }
functions: { one: { handler: src/one.handler } }
custom: { esbuild: { bundle: true, outputWorkFolder: .esbuild } }
`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

// It once logged the error and stayed, and the start waited for ever.
it.each(['0', '1'])(
  'ends with the place in the code when the build fails (GRANARY_WATCH=%s)',
  async (watch) => {
    const child = startService({
      root,
      service: 'broken',
      // Never listened to: it ends before.
      httpPort: 65_534,
      lambdaPort: 65_535,
      log: join(root, 'broken.log'),
      env: { ...process.env, GRANARY_STATE: join(root, 'state'), GRANARY_WATCH: watch },
    });
    const error = await child.ended.catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Sentence);
    expect((error as Error).message).toContain('The code of services/broken cannot be built:');
    expect((error as Error).message).toContain('src/one.ts:3:0:');
    await child.stop();
  },
  60_000,
);
