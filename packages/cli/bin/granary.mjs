#!/usr/bin/env node
// `npx granary …` in the clone: installs what it needs at first, then runs on the Node that everything runs on.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
process.env.INIT_CWD = process.cwd();
process.argv.splice(2, 0, 'packages/cli/src/main.ts');
await import(join(root, 'scripts/bootstrap.mjs'));
