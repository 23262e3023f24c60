import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Deletes all but the `most` newest files or folders of a cache, of those whose name begins with `prefix`. */
export const keepNewest = (cache: string, most: number, prefix = ''): void => {
  const found = readdirSync(cache)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ path: join(cache, name), written_ms: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.written_ms - a.written_ms);
  for (const { path } of found.slice(most)) rmSync(path, { recursive: true, force: true });
};
