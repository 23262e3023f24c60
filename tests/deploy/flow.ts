/**
 * What a deployed stage does, step by step, as its users, operators and schedules make it do it: each function runs
 * under its own role, and does all that it may do. A step can be made again.
 */
import { collecting, corners, deciding, fetching } from './flow/publishing.ts';
import { answering, exporting, querying, scheduled } from './flow/serving.ts';
import { crawling, sourcing } from './flow/sources.ts';
import { ending, failing, giving, retrying, stopping } from './flow/trouble.ts';
import type { Step } from './flow/world.ts';

/** Nothing fails in these, and nobody is refused anything. */
export const STEPS: readonly Step[] = [
  collecting,
  fetching,
  deciding,
  corners,
  answering,
  sourcing,
  crawling,
  exporting,
  querying,
  failing,
  stopping,
  scheduled,
];
/** In these something does. */
export const TROUBLE: readonly Step[] = [ending, giving, retrying];
