import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What deliveries write into the folder for temporary files. */
const OURS = /^granary-(fetch|collect)-/;

export type StaleFilesOptions = {
  tmpdir: string /** Younger ones may be somebody's who is at work. */;
  older_than_ms: number;
  now?: () => number;
};

/**
 * Removes what killed deliveries left behind. Lambda starts a function anew after a time-out or a crash and keeps its
 * /tmp, which would be full one day. What cannot be removed is left to the next time.
 */
export const removeStaleFiles = ({ tmpdir, older_than_ms, now = Date.now }: StaleFilesOptions): void => {
  for (const name of readdirSync(tmpdir)) {
    if (!OURS.test(name)) continue;
    const path = join(tmpdir, name);
    try {
      if (now() - statSync(path).mtimeMs > older_than_ms) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process was faster, or it is another user's.
    }
  }
};
