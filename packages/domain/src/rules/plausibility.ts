/**
 * Whether a version may follow the one before it without a word. What a source publishes changes a little from time to
 * time: a year is added, a country comes. Another file in the place of this one, half a file, or one that could hardly
 * be read looks otherwise. Such a version is held until an operator has looked at it.
 */
import type { KeySketch } from '@granary/tabular/key-sketch';
import type { Field } from '@granary/tabular/table';
import type { PlausibilityFacts, RowCounts } from '../dataset.ts';
import { type OpinionHeard, sentencesOf } from '../second-opinion.ts';
import { contractBreaches, type TableContract } from './contract.ts';

/** Shares are of what the version before had, but where it is said otherwise. */
export type PlausibilityLimits = {
  /** Of the keys (products, countries) that the version before had, at least this share is there still. */
  keys_stay: number;
  /** Of the keys of the new version, at most this share is new. */
  keys_new: number;
  rows_least: number;
  rows_most: number;
  /** Of each column of figures: values that are there. */
  figures_least: number;
  /**
   * What a column of figures adds up to is at most so many times what it did, and not less than that part of it:
   * another unit is.
   */
  total_times: number;
  /** Of the rows that were read, at most this share is quarantined, also in a first version. */
  quarantined_most: number;
  /** So much more of them than in the version before (0.2: from 5 % to 25 %). */
  quarantined_more: number;
  /** The last year of a first version is at most so many years ago. */
  years_behind: number;
  /** And at most so many years from now. */
  years_ahead: number;
  /** So many of the first years of the version before may be gone. */
  years_dropped: number;
  /**
   * And so many of its last ones: a title that was lost takes the newest figures with it, or gives them another year.
   */
  years_withdrawn: number;
  /** Of the figures that another place of the publisher gives too, at most this share is another there. */
  opinions_differ: number;
};

/** As a source declares it for a dataset. */
export type Plausibility = {
  /** Columns that together name what a figure is about, besides the year. */
  keys?: readonly string[];
  /** The column of years. */
  year?: string;
  limits?: Partial<PlausibilityLimits>;
};

/**
 * Wide enough for every change between vintages of the sources that are known, and for a file of which a seventh is
 * spoilt; narrow enough for any two files of one source that take each other's place, and for half a file.
 */
export const DEFAULT_LIMITS: PlausibilityLimits = {
  keys_stay: 0.8,
  keys_new: 0.2,
  rows_least: 0.7,
  rows_most: 3,
  figures_least: 0.7,
  total_times: 10,
  quarantined_most: 0.5,
  quarantined_more: 0.2,
  years_behind: 10,
  years_ahead: 1,
  years_dropped: 0,
  years_withdrawn: 0,
  opinions_differ: 0,
};

/** So few rows, figures or keys come and go without being judged: shares of small tables say little. */
const FEW_ROWS = 10;
const FEW_KEYS = 2;

/** What is wrong with a dataset's declaration: a sentence each. A column that is misspelt would never be judged. */
export const plausibilityFaults = (
  fields: readonly Field[],
  { keys = [], year, limits = {} }: Plausibility,
): string[] => {
  const types = new Map(fields.map(({ name, type }) => [name, type]));
  const unknown = keys.filter((name) => !types.has(name)).map((name) => `keys: there is no column ${name}`);
  const years = year === undefined || types.get(year) === 'int32' ? [] : [`year: ${year} is no column of type int32`];
  const odd = Object.entries(limits).flatMap(([name, value]) => {
    if (!(name in DEFAULT_LIMITS)) return [`limits: there is no limit ${name}`];
    const most =
      name === 'rows_most' || name === 'total_times' || name.startsWith('years_') ? Number.POSITIVE_INFINITY : 1;
    return typeof value === 'number' && value >= 0 && value <= most ? [] : [`limits: ${name} cannot be ${value}`];
  });
  return [...unknown, ...years, ...odd];
};

export type JudgedVersion = {
  counts: RowCounts;
  fields: readonly Field[];
  parser_version: number;
  profile: PlausibilityFacts;
  second_opinion?: OpinionHeard;
};
export type Before = Omit<JudgedVersion, 'profile' | 'second_opinion'> & {
  version: number;
  profile?: PlausibilityFacts;
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const number = (value: number): string => value.toLocaleString('en-US');
const quarantinedShare = ({ rows_quarantined, rows_read }: RowCounts): number =>
  rows_read === 0 ? 0 : rows_quarantined / rows_read;

/**
 * Why a version is implausible, a sentence each; none when it may be published. `keys`: its own. `year`: the present
 * one. A table of very many columns may differ in each: the first sentences say enough, and fit into its item.
 */
export const implausibilities = (...judged: Parameters<typeof allImplausibilities>): string[] => {
  const reasons = allImplausibilities(...judged);
  if (reasons.length <= MOST_REASONS) return reasons;
  return [...reasons.slice(0, MOST_REASONS), `There are ${number(reasons.length - MOST_REASONS)} other reasons.`];
};

const MOST_REASONS = 30;

const allImplausibilities = (
  version: JudgedVersion,
  before: Before | undefined,
  {
    keys,
    limits: own,
    year,
    contract,
    declared,
  }: {
    keys: Pick<KeySketch, 'shareOf'>;
    limits?: Partial<PlausibilityLimits>;
    year: number;
    contract?: TableContract;
    /** The fields that are declared of its dataset. */
    declared?: readonly Field[];
  },
): string[] => {
  const limits = { ...DEFAULT_LIMITS, ...own };
  const quarantined = quarantinedShare(version.counts);
  const reasons: string[] = [];
  if (quarantined > limits.quarantined_most)
    reasons.push(
      `${percent(quarantined)} of its rows are quarantined, and at most ${percent(limits.quarantined_most)} may be.`,
    );
  const contradicted = otherFigures(version, limits);
  if (!before) return [...reasons, ...oddYears(version.profile, limits, year), ...contradicted];
  const was = quarantinedShare(before.counts);
  if (quarantined - was > limits.quarantined_more && quarantined <= limits.quarantined_most)
    reasons.push(
      `${percent(quarantined)} of its rows are quarantined, and ${percent(was)} of version ${before.version} were; at most ${percent(limits.quarantined_more)} more may be.`,
    );
  return [
    ...reasons,
    // A parser that changed changes columns on purpose.
    ...(version.parser_version === before.parser_version
      ? contractBreaches(version.fields, before, { contract, declared })
      : []),
    ...oddRows(version.counts.rows_published, before, limits),
    ...oddFigures(version.profile, before, limits),
    ...oddTotals(version.profile, before, limits),
    ...droppedYears(version.profile, before, limits),
    ...oddKeys(version.profile, before, limits, keys),
    ...contradicted,
  ];
};

/** The publisher contradicts itself, and nobody but people can tell which figure is right. */
const otherFigures = (
  { second_opinion: heard }: Pick<JudgedVersion, 'second_opinion'>,
  { opinions_differ }: PlausibilityLimits,
): string[] => (heard && heard.differing > heard.compared * opinions_differ ? sentencesOf(heard) : []);

const oddYears = ({ years }: PlausibilityFacts, limits: PlausibilityLimits, now: number): string[] => {
  if (!years) return [];
  const [earliest, latest] = [now - limits.years_behind, now + limits.years_ahead];
  if (years.last >= earliest && years.last <= latest) return [];
  return [
    `Its last year is ${years.last}: of a first version it must lie between ${earliest} and ${latest}, since there is nothing to compare it with.`,
  ];
};

const oddRows = (
  rows: number,
  { version, counts }: Before,
  { rows_least, rows_most }: PlausibilityLimits,
): string[] => {
  const was = counts.rows_published;
  const said = `It has ${number(rows)} rows, and version ${version} has ${number(was)}`;
  if (rows < was * rows_least && was - rows > FEW_ROWS) return [`${said}; at least ${percent(rows_least)} are wanted.`];
  if (rows > was * rows_most && rows - was > FEW_ROWS) return [`${said}; at most ${percent(rows_most)} are wanted.`];
  return [];
};

const oddFigures = (
  { figures }: PlausibilityFacts,
  { version, profile }: Before,
  { figures_least }: PlausibilityLimits,
): string[] =>
  Object.entries(profile?.figures ?? {}).flatMap(([name, was]) => {
    const has = figures[name] ?? 0;
    if (!(name in figures) || has >= was * figures_least || was - has <= FEW_ROWS) return [];
    return [
      `It has ${number(has)} figures in ${name}, and version ${version} has ${number(was)}; at least ${percent(figures_least)} are wanted.`,
    ];
  });

/**
 * A figure that is read as a thousand times itself, or a file in another unit, has as many rows and figures as before.
 */
const oddTotals = (
  { figures, totals = {} }: PlausibilityFacts,
  { version, profile }: Before,
  { total_times }: PlausibilityLimits,
): string[] =>
  Object.entries(profile?.totals ?? {}).flatMap(([name, was]) => {
    const is = totals[name];
    const isFew = Math.min(figures[name] ?? 0, profile?.figures[name] ?? 0) <= FEW_ROWS;
    if (is === undefined || isFew || was === 0 || is === 0) return [];
    if (is <= was * total_times && is >= was / total_times) return [];
    return [
      `Its figures in ${name} add up to ${number(is)}, and those of version ${version} to ${number(was)}; at most ${number(total_times)} times as much, or as little, is wanted. Are they in another unit?`,
    ];
  });

/** Titles of years that moved by one show at the first or the last of them. */
const droppedYears = (
  { years }: PlausibilityFacts,
  { version, profile }: Before,
  { years_dropped, years_withdrawn }: PlausibilityLimits,
): string[] => {
  const were = profile?.years;
  if (!years || !were) return [];
  return [
    ...(years.first > were.first + years_dropped
      ? [`Its first year is ${years.first}, and that of version ${version} is ${were.first}.`]
      : []),
    ...(years.last < were.last - years_withdrawn
      ? [`Its last year is ${years.last}, and that of version ${version} is ${were.last}.`]
      : []),
  ];
};

const oddKeys = (
  { keys: own }: PlausibilityFacts,
  { version, profile }: Before,
  { keys_stay, keys_new }: PlausibilityLimits,
  keys: Pick<KeySketch, 'shareOf'>,
): string[] => {
  const were = profile?.keys;
  const stay = own && were ? keys.shareOf(were) : null;
  if (!own || !were || stay === null) return [];
  const common = Math.round(stay * were.count);
  const reasons: string[] = [];
  if (stay < keys_stay && were.count - common > FEW_KEYS)
    reasons.push(
      `Of the ${number(were.count)} names of version ${version}, ${percent(stay)} are in it; at least ${percent(keys_stay)} are wanted. Is it another file?`,
    );
  const fresh = own.count === 0 ? 0 : Math.max(0, own.count - common) / own.count;
  if (fresh > keys_new && own.count - common > FEW_KEYS)
    reasons.push(
      `Of its ${number(own.count)} names, ${percent(fresh)} are not in version ${version}; at most ${percent(keys_new)} may be new.`,
    );
  return reasons;
};
