import type { Run } from '@granary/domain/run';

/** What callers see of a run: all but its lease, which is between the workers. */
export const publicRun = ({ lease_until: _lease, ...run }: Run) => run;
