import type { Stack } from './stack.ts';

/** Every example is called with one token: what only analysts may see is asked by an operator who is one. */
export const everyGroup = (stack: Stack, name: 'operator'): Promise<void> => stack.addToGroup(name, 'analysts');
