import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { WORKBOOKS } from './workbooks.ts';

/** Digests of all workbooks as a new process makes them, in that order: SheetJS is loaded by the first. */
const madeIn = (order: readonly number[]): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [
      ...['--disable-warning=ExperimentalWarning', '--input-type=module', '-e'],
      `import { createHash } from 'node:crypto';
       import { WORKBOOKS } from ${JSON.stringify(join(import.meta.dirname, 'workbooks.ts'))};
       const digests = ${JSON.stringify(order)}.map((at) => [WORKBOOKS[at].name, createHash('md5').update(WORKBOOKS[at].body()).digest('hex')]);
       console.log(JSON.stringify(digests.sort()));`,
    ]).toString(),
  );

it('workbooks have the same bytes in whatever order they are asked for, also after a restart', () => {
  const order = WORKBOOKS.map((_, at) => at);
  // What SheetJS kept were the names of the sheets of the first book.
  const first = WORKBOOKS.findIndex(({ name }) => name === 'book-three.xlsx');
  expect(madeIn([first, ...order.filter((at) => at !== first)])).toEqual(madeIn(order));
});
