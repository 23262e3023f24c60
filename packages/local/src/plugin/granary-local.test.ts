import { expect, it } from '@jest/globals';
import { GranaryLocal } from './granary-local.ts';

// Its hook for errors, which ends the process, once ran after a failed packaging or deployment too.
it('has hooks for `offline` only where it is no child of npm start', () => {
  const { GRANARY_CHILD } = process.env;
  delete process.env.GRANARY_CHILD;
  try {
    const { hooks } = new GranaryLocal({ service: {} } as never, {});
    expect(Object.keys(hooks).filter((name) => !name.includes('offline:'))).toEqual([]);
  } finally {
    if (GRANARY_CHILD !== undefined) process.env.GRANARY_CHILD = GRANARY_CHILD;
  }
});
