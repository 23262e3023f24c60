/** A file holds one idea: one that is longer than others asks whether two live there, or says why not. */
import type { SourceText } from './one-name.ts';

/** An endpoint parses, authorises, calls a use case and responds. */
const MOST_LINES = { source: 300, test: 400, endpoint: 60 } as const;

const CHECKED = /\.(ts|mts|mjs|cjs)$/;
const GENERATED = /\.gen\.ts$/;
const TEST = /\.test\.ts$/;
const ENDPOINT = /\/src\/endpoints\//;

const kindOf = (path: string): keyof typeof MOST_LINES => {
  if (TEST.test(path)) return 'test';
  return ENDPOINT.test(path) ? 'endpoint' : 'source';
};

/** Within the first comment: `Long: one row for each operation.` */
const REASON = /^(?:#!.*\n)?\s*\/[*/](?:(?!\*\/)[\s\S])*?\bLong: \S/;

/** A sentence for each file that is too long and says no reason in its first comment. */
export const filesTooLong = (files: readonly SourceText[]): string[] =>
  files.flatMap(({ path, text }) => {
    if (!CHECKED.test(path) || GENERATED.test(path)) return [];
    const most = MOST_LINES[kindOf(path)];
    const lines = text.split('\n').length - 1;
    if (lines <= most || REASON.test(text)) return [];
    return [`${path} has ${lines} lines, and ${most} are the most: split it, or begin it with a comment "Long: why".`];
  });
