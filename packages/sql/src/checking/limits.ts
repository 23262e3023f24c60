/**
 * What bounds the time that a text takes. The worst texts within them were searched for (nested and unclosed brackets,
 * subqueries, CASE, lambdas, joins, JSON, long lists and chains, and random mixtures of those); they take about a
 * second.
 */

/** Of the text that is asked, in UTF-16 units. */
export const MOST_CHARACTERS = 20_000;

/** Of the text with its parameters written in: Athena takes no more. */
export const MOST_BYTES = 262_144;

/** Brackets and CASEs within each other. */
export const DEEPEST = 20;

/**
 * Steps of the parser's look-ahead, a microsecond or two each. Chains and lists of plain values come to about 250 a
 * link, and what brackets bound to less than all of it. It is also what ends a text for which the look-ahead grows
 * exponentially, should there be one.
 */
export const MOST_STEPS = 500_000;

/** Processor time, should steps be slow: no text that was tried comes near it. */
export const LONGEST_MS = 5_000;

/**
 * Configurations that the parser keeps of earlier texts, to be faster (about 40 bytes each with what they hold); it
 * forgets all of them then.
 */
export const MOST_KEPT = 250_000;
