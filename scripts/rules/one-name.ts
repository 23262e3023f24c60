/** One name, one thing: no two source files of one name, and no two exported types. */
import { basename } from 'node:path';

export type SourceText = { path: string; text: string };

/** What a test or a folder of tests is called is nobody's word for anything. */
const LEFT_OUT = /(\.test\.ts$|\/testing\/|\.gen\.ts$|\/src\/(?:areas|endpoints|functions)\/)/;
/**
 * The same thing in several places: a port and the contract that its adapters are tested by, what a kind is and each
 * kind, the composition root and the entry of each program.
 */
const SAME_THING = /(\/contracts\/|\/(?:deps|main|kind)\.ts$)/;

const TYPE = /^export (?:declare )?(?:abstract )?(?:type|interface|class) (\w+)/gm;

const byName = <Item>(items: readonly Item[], nameOf: (item: Item) => string): [string, Item[]][] =>
  [...Map.groupBy(items, nameOf)].filter(([, found]) => found.length > 1);

/** A sentence for each name that stands for two things. `files`: of packages and services, by path from the root. */
export const namesUsedTwice = (files: readonly SourceText[]): string[] => {
  const sources = files.filter(({ path }) => /^(packages|services)\/[^/]+\/src\//.test(path) && !LEFT_OUT.test(path));
  const ofFiles = byName(
    sources.map(({ path }) => path).filter((path) => !SAME_THING.test(path)),
    (path) => basename(path),
  ).map(([name, paths]) => `${paths.join(' and ')} are both called ${name}: name one of them by what it is.`);
  const types = sources.flatMap(({ path, text }) =>
    [...text.matchAll(TYPE)].map(([, name]) => ({ name: name!, path })),
  );
  const ofTypes = byName(types, ({ name }) => name).map(
    ([name, found]) => `${found.map(({ path }) => path).join(' and ')} both export a type ${name}: rename one of them.`,
  );
  return [...ofFiles, ...ofTypes];
};
