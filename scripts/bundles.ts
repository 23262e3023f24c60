/**
 * Bundles every function of every service as `sls package` does, in memory, and looks at what came in. Run directly it
 * is a check: heavy libraries only where they are needed.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { sourceFiles } from '@granary/local/plugin/kept-bundles';
import { build, type Metafile, type Plugin } from 'esbuild';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const SERVICES = ['ingestion', 'api'];

/** Packages that are slow to load, and the functions (`service/function`) that need them. */
const HEAVY: Readonly<Record<string, readonly string[]>> = {
  cheerio: [],
  // In no bundle: they lie beside the one of plots (config/esbuild-plugins.cjs).
  vega: [],
  'vega-lite': [],
  '@resvg/resvg-js': [],
  xlsx: [],
  // In no bundle: what reads workbooks lies beside those that have kinds (config/esbuild-plugins.cjs).
  '@e965/xlsx': [],
  // In no bundle: it lies beside those that have kinds, too.
  'csv-parse': [],
  ajv: [],
  // In no bundle: regular expressions of filters lie beside those of records and plots (config/esbuild-plugins.cjs).
  re2js: [],
  // In no bundle: the grammar of SQL lies beside the one of query (config/esbuild-plugins.cjs).
  'dt-sql-parser': [],
  antlr4ng: [],
  '@aws-sdk/client-athena': ['api/query', 'ingestion/sweep'],
  '@aws-sdk/client-glue': ['api/query', 'api/decisions', 'ingestion/collect'],
  // Loaded from a file of its own, when tracing is on (config/esbuild-plugins.cjs).
  'aws-xray-sdk-core': [],
};

/**
 * What a function of this kind has no business with: its rights do not reach there, and its cold start need not load
 * it.
 */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'api/catalog': [
    '@aws-sdk/client-s3',
    '@aws-sdk/client-sqs',
    '@aws-sdk/client-kms',
    '@aws-sdk/client-cloudwatch-logs',
  ],
  'api/data': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs'],
  'api/docs': ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs'],
  'api/plots': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs'],
  'api/records': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs', 'hyparquet'],
  'api/history': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs', 'hyparquet'],
  'api/query': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs', 'hyparquet'],
  'api/decisions': ['@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs', 'hyparquet'],
  'api/users': ['@aws-sdk/client-s3', '@aws-sdk/client-sqs'],
  'api/operations': ['@aws-sdk/client-s3', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs'],
  'api/sources': ['@aws-sdk/client-s3', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs', 'hyparquet'],
  'api/system': ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-kms', '@aws-sdk/client-cloudwatch-logs'],
};

export type Bundle = {
  /** `api/catalog`. */
  name: string;
  code: string;
  bytes: number;
  /** Names of the packages that have code in it. */
  packages: ReadonlySet<string>;
  /** The project's own files that it was made of, from the project's root. */
  sources: readonly string[];
};

const plugins: Plugin[] = createRequire(import.meta.url)('../config/esbuild-plugins.cjs');

export type EsbuildSettings = {
  minify: boolean;
  format: 'cjs';
  target: string;
  mainFields: string[];
  exclude?: string[];
};

/** Writes a function's files to a folder, as they are deployed. */
export const writeBundle = async (entry: string, outdir: string): Promise<void> => {
  await build({ ...optionsOf(await readSettings()), entryPoints: [entry], outdir });
};

/** How functions are bundled. */
export const readSettings = (): Promise<EsbuildSettings> => readYaml(join(root, 'config/esbuild.yml'));

const optionsOf = ({ minify, format, target, mainFields, exclude }: EsbuildSettings, own = plugins) =>
  ({
    bundle: true,
    platform: 'node',
    minify,
    format,
    target,
    mainFields,
    external: exclude,
    plugins: own,
    legalComments: 'none',
    logLevel: 'error',
  }) as const;

/** All of them in one build, in which what they share is read once. */
export const bundleFunctions = async (): Promise<readonly Bundle[]> => {
  const names = new Map<string, string>();
  for (const service of SERVICES) {
    const folder = join(root, 'services', service);
    const functions: Record<string, { handler: string }> = await readYaml(join(folder, 'functions.gen.yml'));
    for (const [name, { handler }] of Object.entries(functions))
      names.set(join(folder, `${handler.replace(/\.handler$/, '')}.ts`), `${service}/${name}`);
  }
  const bundles = await bundleAll([...names.keys()], await readSettings());
  return [...names].map(([entry, name]) => ({ name, ...bundles.get(entry)! }));
};

const readYaml = async (path: string) => parse(await readFile(path, 'utf8'));

/** `own` are the plugins: those of the functions unless others are given. */
export const bundle = async (
  name: string,
  entry: string,
  settings: EsbuildSettings,
  own?: Plugin[],
): Promise<Bundle> => ({ name, ...(await bundleAll([entry], settings, own)).get(entry)! });

/** By their entries. */
const bundleAll = async (
  entryPoints: string[],
  settings: EsbuildSettings,
  own?: Plugin[],
): Promise<ReadonlyMap<string, Omit<Bundle, 'name'>>> => {
  const { outputFiles, metafile } = await build({
    ...optionsOf(settings, own),
    entryPoints,
    write: false,
    outdir: join(root, '.esbuild-in-memory'),
    metafile: true,
  });
  const bundles = outputFiles.map(({ path, text: code, contents }) => {
    const { entryPoint, inputs } = metafile.outputs[relative(process.cwd(), path)]!;
    const packages = Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([input]) => packageOf(input));
    const sources = reachable(metafile, entryPoint!)
      .map((input) => relative(root, resolve(input)))
      .filter((input) => !input.includes('node_modules/'));
    return [resolve(entryPoint!), { code, bytes: contents.length, packages: new Set(packages), sources }] as const;
  });
  return new Map(bundles);
};

/** Every file that was read for an entry. */
const reachable = ({ inputs }: Metafile, entry: string): string[] => {
  const found = new Set([entry]);
  for (const path of found)
    for (const imported of inputs[path]!.imports) if (!imported.external) found.add(imported.path);
  return [...found];
};

/** `node_modules/.pnpm/x@1/node_modules/@scope/x/index.js` is of `@scope/x`; our own files are of their folder. */
const packageOf = (path: string): string =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/');

/** A sentence for each heavy package in a function that does not need it. */
export const findForbiddenInBundles = (bundles: readonly Bundle[]): readonly string[] =>
  bundles.flatMap(({ name, packages }) => {
    const heavy = Object.keys(HEAVY).filter((one) => !HEAVY[one]?.includes(name));
    return [...heavy, ...(FOREIGN[name] ?? [])]
      .filter((one) => packages.has(one))
      .map((one) => `The function ${name} bundles ${one}, which it is not known to need (scripts/bundles.ts).`);
  });

/** A sentence for each file of a bundle whose change would not be seen by `npm start`, which keeps bundles. */
export const findSourcesUnknown = (bundles: readonly Bundle[], known: ReadonlySet<string>): readonly string[] =>
  bundles.flatMap(({ name, sources }) =>
    sources
      .filter((path) => !known.has(path))
      .map(
        (path) => `The function ${name} is made of ${path} too: name it in packages/local/src/plugin/kept-bundles.ts.`,
      ),
  );

if (import.meta.main) {
  const bundles = await bundleFunctions();
  for (const { name, bytes } of bundles) console.log(`${name.padEnd(20)} ${(bytes / 1024).toFixed(0).padStart(6)} KiB`);
  const known = new Set(sourceFiles(root).map((path) => relative(root, path)));
  const forbidden = [...findForbiddenInBundles(bundles), ...findSourcesUnknown(bundles, known)];
  for (const sentence of forbidden) console.error(sentence);
  process.exitCode = forbidden.length > 0 ? 1 : 0;
}
