/** What `npm run verify:deploy` is asked to do. */
import { parseArgs } from 'node:util';
import { E2E } from './end-to-end.ts';

const USAGE = `npm run verify:deploy -- [--stage dev] [--region us-east-1] [--e2e sample|all|none] [--grants 10|all]
                         [--only PATTERN] [--seed N] [--keep]

  --e2e     which files of tests/e2e are put to the stage: the two that say most, every one that can be (three minutes), or none
  --grants  how many grants of functions are taken away one after another, to see that it is noticed; all: every one (about half an hour)
  --only    takes away only those whose name, as it is printed, matches
  --seed    chooses which (today's by default; printed)
  --keep    leaves the emulator running at the end, until Ctrl-C, and says where`;

/** Ends the process where there is nothing to do: the usage was asked for, or an option makes no sense. */
export const readOptions = () => {
  const { values: options } = parseArgs({
    options: {
      stage: { type: 'string', default: 'dev' },
      region: { type: 'string', default: 'us-east-1' },
      e2e: { type: 'string', default: 'sample' },
      grants: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (options.grants !== 'all' && !/^\d{1,4}$/.test(options.grants)) {
    console.error(`--grants takes a number or all, not '${options.grants}'.\n${USAGE}`);
    process.exit(1);
  }
  const endToEnd = Object.entries(E2E).find(([name]) => name === options.e2e)?.[1];
  if (endToEnd === undefined) {
    console.error(`--e2e takes ${Object.keys(E2E).join(', ')}, not '${options.e2e}'.\n${USAGE}`);
    process.exit(1);
  }
  return { ...options, endToEnd };
};
