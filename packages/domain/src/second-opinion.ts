import type { Cell } from '@granary/tabular/table';

/** What another place said of the figures of a version. Stored with it as it is. */
export type OpinionHeard = {
  url: string;
  /** What was compared, for people: `of 2023`. */
  about: string;
  /** Figures that both have. */
  compared: number;
  /** Of these, how many differ, and the first {@link MOST_DIFFERENCES}: a sentence each. */
  differing: number;
  differences: readonly string[];
  /** Names that stand in one of both only, such as those of quarantined lines. */
  unmatched: number;
};

/** Sentences that are kept with a version. */
export const MOST_DIFFERENCES = 20;

/**
 * Another place where figures of a resource stand: one page for people, as a rule. Made anew for each reading, since it
 * remembers the rows that it is told of.
 */
export type SecondOpinion = {
  /** Absolute address. */
  url: string;
  accept: string;
  /** Told of the rows that can be published, in their order. */
  observe(rows: Iterable<Readonly<Record<string, Cell>>>): void;
  /**
   * `newest`: what was compared is the newest that the rows have. Throws {@link ./errors.ts RefusedContent} when the
   * body is no such page.
   */
  compare(body: Uint8Array): Promise<Omit<OpinionHeard, 'url'> & { newest: boolean }>;
};

/** For readers of a version, and where they differ for whoever decides about it: a sentence each. */
export const sentencesOf = ({ url, about, compared, differing, differences, unmatched }: OpinionHeard): string[] => {
  const left = unmatched === 0 ? '' : ` ${unmatched} names stand in one of both only.`;
  if (compared === 0) return [`The page ${url} has no figures ${about} that the file has too.${left}`];
  if (differing === 0) return [`The page ${url} gives the same ${compared} figures ${about}.${left}`];
  const more = differing - differences.length;
  return [
    `The page ${url} gives others than the file for ${differing} of ${compared} figures ${about}.${left}`,
    ...differences,
    ...(more > 0 ? [`${more} other figures differ.`] : []),
  ];
};
