import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** `custom.esbuild` of a service (config/esbuild.yml): options of esbuild, and those that serverless-esbuild adds. */
export type EsbuildSettings = Record<string, unknown> & { exclude?: string[]; plugins?: string };

/** Under `npm start` without `--watch` functions are built before the start, and never again. */
export const buildsOnce = (): boolean => process.env.GRANARY_CHILD === '1' && process.env.GRANARY_WATCH !== '1';

/** serverless-esbuild's own, which esbuild would refuse. */
const NOT_ESBUILDS = ['packager', 'skipBuild', 'outputWorkFolder', 'watch'];

/**
 * Bundles all functions of a service into `folder`, by the settings that serverless-esbuild has, but in one build: it
 * bundles each by itself and reads what they share for every one of them, which takes three times as long.
 * `handlers` are those of the functions (`src/areas/catalog.handler`). Rejects with esbuild's error, after esbuild has
 * said where it is.
 */
export const buildBundles = async (
  serviceDir: string,
  { exclude = [], plugins, ...settings }: EsbuildSettings,
  handlers: readonly string[],
  folder: string,
): Promise<void> => {
  const load = createRequire(join(serviceDir, 'package.json'));
  const esbuild: typeof import('esbuild') = load('esbuild');
  const entries = new Set(handlers.map((handler) => handler.replace(/\.[^./]+$/, '')));
  // What plugins put beside bundles lies in the folder of a build.
  const inFolders = Object.entries(Object.groupBy(entries, (entry) => dirname(entry)));
  try {
    await Promise.all(
      inFolders.map(([path, entryPoints = []]) =>
        esbuild.build({
          platform: 'node',
          ...Object.fromEntries(Object.entries(settings).filter(([name]) => !NOT_ESBUILDS.includes(name))),
          external: exclude,
          plugins: plugins === undefined ? [] : load(join(serviceDir, plugins)),
          entryPoints: entryPoints.map((entry) => join(serviceDir, entry)),
          absWorkingDir: serviceDir,
          outdir: join(folder, path),
        }),
      ),
    );
  } finally {
    // As a process it would stay with all that it read, though nothing is built any more.
    await esbuild.stop();
  }
};
