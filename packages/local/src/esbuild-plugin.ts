/**
 * `plugins: ['@granary/local/esbuild-plugin']` of a serverless.yml: serverless-esbuild, but for a plain `npm start`,
 * which builds by itself (plugin/build-bundles.ts) and is ready sooner where that need not be loaded.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildsOnce } from './plugin/build-bundles.ts';

class Nothing {}

export default buildsOnce() ? Nothing : createRequire(join(process.cwd(), 'package.json'))('serverless-esbuild');
