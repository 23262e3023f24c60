/** `npm run cost`: counts what a run of the whole uses, and writes docs/cost.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Counted, measure } from './cost/measure.ts';
import { pageOf } from './cost/page.ts';

const USAGE = `Writes docs/cost.md: the estimated cost of a run, a dataset, a million requests and a month.

  npm run cost [-- --counted]

  --counted   use the last counts (scripts/cost/counted.json) instead of counting a run on this machine, which takes about five minutes
  --help      show this text`;

const root = join(import.meta.dirname, '..');
const COUNTED = join(root, 'scripts/cost/counted.json');
const PAGE = join(root, 'docs/cost.md');

const read = () => {
  try {
    return parseArgs({
      options: { counted: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return process.exit(2);
  }
};

const options = read();
if (options.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  if (!options.counted) writeFileSync(COUNTED, `${JSON.stringify(await measure(), null, 2)}\n`);
  const counted = JSON.parse(readFileSync(COUNTED, 'utf8')) as Counted;
  writeFileSync(PAGE, pageOf(readFileSync(PAGE, 'utf8'), counted));
  process.stdout.write('Written: docs/cost.md\n');
}
