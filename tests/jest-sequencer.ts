/**
 * The order of the test files: those that take longest first, so that nobody waits for one that was begun last. Jest
 * knows how long each took the last time only where it has run them before; a new clone and CI have not.
 */
import { basename } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Half a minute and more on two cores, the longest first (`npm test -- --times`). */
const LONG = [
  ...['failures', 'users-trouble', 'main-job', 'query', 'examples'].map((name) => `tests/e2e/${name}.test.ts`),
  ...['athena-memory', 'templates', 'users-kills', 'postgrest-js', 'aws-stores', 'waiting', 'users-faults', 'start'],
  ...[
    'bundled-parts',
    'observability',
    'accounting',
    'bad-input',
    'users-dynamo',
    'traced-users',
    'trino',
    'worst-file',
  ],
];

const rankOf = (path: string): number => {
  const rank = LONG.findIndex((name) => path.endsWith(name) || basename(path) === `${name}.test.ts`);
  return rank < 0 ? LONG.length : rank;
};

type Sequencer = typeof TestSequencer.default;
// Its types are those of its CommonJS; what is imported is the class itself.
const Base = TestSequencer as unknown as Sequencer;

export default class LongestFirst extends Base {
  override async sort(...given: Parameters<Sequencer['prototype']['sort']>) {
    // Node sorts stably: the rest stays in Jest's own order.
    return [...(await super.sort(...given))].sort((a, b) => rankOf(a.path) - rankOf(b.path));
  }
}
