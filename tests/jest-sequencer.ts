/**
 * The order of the test files: those that take longest first, so that nobody waits for one that was begun last. Jest
 * knows how long each took the last time only where it has run them before; a new clone and CI have not.
 */
import { basename } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Those that hold a worker for long or start stacks, the longest first (`npm test -- --times`). */
const LONG = [
  ...['walk-throughs', 'examples', 'athena-memory', 'failures', 'users-trouble', 'main-job', 'postgrest-js'],
  ...['templates', 'stored-sources', 'users-kills', 'query', 'records', 'held-versions', 'town', 'waiting'],
  ...['damages', 'users', 'publication', 'start', 'forged-message', 'users-faults', 'aws-stores', 'traced-users'],
  ...['rude-clients', 'athena-process', 'older-release', 'children', 'command', 'commands', 'trino', 'history'],
  ...['accounting', 'bad-input', 'pollution', 'limits', 'discovering', 'vintages', 'plots', 'worst-file'],
];

const rankOf = (path: string): number => {
  const rank = LONG.indexOf(basename(path, '.test.ts'));
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
