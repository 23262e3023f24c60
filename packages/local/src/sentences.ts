import { statfsSync } from 'node:fs';

/** A failure whose message says all that a user needs: it is shown without a stack. */
export class Sentence extends Error {}

const LEAST_FREE_BYTES = 256 << 10;

/** Whoever dies of a full disk may not get to say so, a child that cannot write its log least of all. */
const isFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < LEAST_FREE_BYTES;
  } catch {
    return false;
  }
};

const codeOf = (error: unknown): string | undefined => {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: unknown };
  return (cause === undefined ? undefined : codeOf(cause)) ?? code;
};

/**
 * What to tell a user of a failure that is not ours: the machine's, as a sentence with the way out, or a Sentence's own
 * words.
 */
export const sentenceOf = (error: unknown, state: string): string | undefined => {
  const code = codeOf(error);
  const message = (error as Error | undefined)?.message ?? '';
  if (code === 'ENOSPC' || /disk is full|no space left/i.test(message) || isFull(state)) {
    return `The disk is full: the state in ${state} cannot be written. Free some space and start again; nothing that was published is lost.`;
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || /readonly database/i.test(message)) {
    return `The state in ${state} cannot be written (${code ?? 'read-only'}). Make the folder yours, or name another one: npm start -- --state DIR`;
  }
  if (code === 'LEVEL_LOCKED' || /database is locked/i.test(message)) {
    return `Another process uses the state in ${state}. Stop the other Granary, or start beside it: npm start -- --state DIR --port N`;
  }
  if (code === 'EADDRINUSE') {
    const { port } = error as { port?: number };
    return `Port ${port ?? ''} is taken by another program. Stop that, or start with other ports: npm start -- --port 5000`;
  }
  return error instanceof Sentence ? message : undefined;
};
