/**
 * Puts the tracer into a file of its own beside each function's bundle: in the bundle, its 126 kB would be read and
 * scanned by every cold start (2.5 ms), also of those that trace nothing. esbuild itself splits ESM only, and functions
 * are CommonJS, which loads faster.
 */
const { copyFile, mkdir, readFile, writeFile } = require('node:fs/promises');
const { createRequire } = require('node:module');
const { basename, dirname, join } = require('node:path');

const TRACER = 'aws-xray-sdk-core';
/** What packages/runtime/src/tracing.ts uses of it. */
const TRACER_PARTS = 'captureAWSv3Client, getNamespace, getSegment, Segment, setContextMissingStrategy, setSegment';
const FILE = 'tracer.cjs';

/** By what they are made of: several functions have the same file beside them, which is made once. */
const made = new Map();

/** Bundles `contents`, by the settings of the build that it belongs to, into a file beside that build's bundle. */
const bundleBeside = async (build, file, contents, resolveDir) => {
  const { outdir, minify, format, platform, target, mainFields, legalComments } = build.initialOptions;
  const options = { minify, format, platform, target, mainFields, legalComments };
  const key = JSON.stringify([contents, resolveDir, options]);
  if (!made.has(key))
    made.set(
      key,
      build.esbuild.build({ stdin: { contents, resolveDir }, outfile: file, bundle: true, write: false, ...options }),
    );
  const { outputFiles } = await made.get(key);
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, file), outputFiles[0].contents);
};

const tracerApart = {
  name: 'tracer-apart',
  setup(build) {
    const { write } = build.initialOptions;
    build.onResolve({ filter: new RegExp(`^${TRACER}$`) }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${FILE}`, external: true } : undefined,
    );
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0) return;
      const contents = `export { ${TRACER_PARTS} } from '${TRACER}';`;
      await bundleBeside(build, FILE, contents, join(__dirname, '../packages/runtime'));
    });
  },
};

/** The grammar of SQL, of which packages/sql imports what it names here. */
const TRINO = 'dt-sql-parser/dist/lib/trino/TrinoSql';
const GRAMMAR = ['antlr4ng', `${TRINO}Lexer.js`, `${TRINO}Parser.js`];

/**
 * Puts Trino's grammar beside the bundle of the function that parses SQL: in the bundle, every cold start would scan
 * 0.8 MB of it (15 ms), also where a result is only asked for. What imports it is itself loaded when the first query
 * comes.
 */
const grammarApart = {
  name: 'grammar-apart',
  setup(build) {
    const { write, entryPoints } = build.initialOptions;
    const file = `${nameOf(entryPoints)}.grammar.cjs`;
    let resolveDir;
    build.onResolve({ filter: /^(?:antlr4ng|dt-sql-parser\/)/ }, (asked) => {
      if (!GRAMMAR.includes(asked.path)) return undefined;
      resolveDir = asked.resolveDir;
      return { path: `./${file}`, external: true };
    });
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0 || resolveDir === undefined) return;
      await bundleBeside(build, file, GRAMMAR.map((path) => `export * from '${path}';`).join('\n'), resolveDir);
    });
  },
};

/**
 * Puts a package beside the bundle of a function that imports it when it needs it: few calls do, and every cold start
 * would read it.
 */
const apart = (name, ending, code) => ({
  name: `${ending}-apart`,
  setup(build) {
    const { write, entryPoints } = build.initialOptions;
    const file = `${nameOf(entryPoints)}.${ending}.cjs`;
    let resolveDir;
    build.onResolve({ filter: new RegExp(`^${name}$`) }, (asked) => {
      if (asked.kind !== 'dynamic-import') return undefined;
      resolveDir = asked.resolveDir;
      return { path: `./${file}`, external: true };
    });
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0 || resolveDir === undefined) return;
      await bundleBeside(build, file, code, resolveDir);
    });
  },
});
/** The regular expressions of filters (148 kB). */
const expressionsApart = apart('re2js', 're2js', "export { RE2JS } from 're2js';");
/** What reads pages of HTML. */
const pagesApart = apart('cheerio/slim', 'cheerio', "export { load } from 'cheerio/slim';");
/** What reads Parquet files of other writers. */
const parquetApart = apart('hyparquet', 'hyparquet', "export { parquetMetadataAsync, parquetRead } from 'hyparquet';");
/** What reads workbooks (half a megabyte). */
const workbooksApart = apart('@e965/xlsx', 'xlsx', "export { read, SSF } from '@e965/xlsx';");
/** What reads CSV in forms that the byte-level engine does not speak. */
const foreignCsvApart = apart('csv-parse', 'csv-parse', "export { parse } from 'csv-parse';");

/**
 * The shapes of all of S3's calls are in one file, and esbuild keeps those that nobody uses: in `{ [_hH]: … }` it does
 * not see that the key is a string. With the string itself there, a bundle with S3 is 55 kB smaller and loads 5 ms
 * faster.
 */
const usedShapesOnly = {
  name: 'used-shapes-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      loader: 'js',
      contents: withPlainKeys(await readFile(path, 'utf8')),
    }));
  },
};

/** `[_hH]:` as `"httpHeader":` wherever the file says `const _hH = "httpHeader";`. */
const withPlainKeys = (source) => {
  const strings = new Map([...source.matchAll(/^const (\w+) = ("[^"\\\n]*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replace(/\[(\w+)\]:/g, (key, name) => (strings.has(name) ? `${strings.get(name)}:` : key));
};

/**
 * Of the function: what lies beside its bundle is called so first, which keeps it out of other functions' artifacts.
 * Functions that are bundled together (packages/local/src/plugin/build-bundles.ts) share what lies beside them.
 */
const nameOf = (entryPoints) => {
  const [entry, ...others] = Object.values(entryPoints);
  if (others.length > 0) return 'functions';
  return basename(typeof entry === 'string' ? entry : entry.in).replace(/\.ts$/, '');
};

/** Vega asks for a canvas at import, by an `await` that CommonJS cannot have; its browser build does without one. */
const vegaWithoutCanvas = {
  name: 'vega-without-canvas',
  setup(build) {
    build.onResolve({ filter: /^vega-canvas$/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'asked') return undefined;
      const found = await build.resolve(path, { ...options, pluginData: 'asked' });
      return { ...found, path: found.path.replace(/\.node\.js$/, '.browser.js') };
    });
  },
};

/** What Lambda runs (config/provider.yml), whatever machine packages. */
const RENDERER = '@resvg/resvg-js-linux-arm64-gnu/resvgjs.linux-arm64-gnu.node';
const FONT = 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf';

/**
 * What packages/plots/src/renderer-files.ts is in a bundle. On another machine than Lambda's the renderer is this
 * machine's own.
 */
const rendererFiles = (font, renderer) => `
  import { createRequire } from 'node:module';
  import { join } from 'node:path';
  const load = createRequire(join(__dirname, 'function.js'));
  export const fontFile = () => join(__dirname, '${font}');
  const onLambda = () => {
    const { Resvg } = load('./${renderer}');
    return class extends Resvg {
      constructor(svg, options) { super(svg, JSON.stringify(options)); }
    };
  };
  export const loadResvg = () => {
    const own = () => load('@resvg/resvg-js').Resvg;
    if (process.platform !== 'linux' || process.arch !== 'arm64') return own();
    // It is for glibc, which Lambda has; Alpine has not.
    try { return onLambda(); } catch (error) { try { return own(); } catch { throw error; } }
  };`;

/**
 * Puts what draws plots (Vega, the renderer of PNGs, its font) beside the bundle of the function that imports it: in
 * the bundle, every cold start would read 0.8 MB of it (35 ms). Their names begin with the function's, so that
 * serverless-esbuild leaves them out of every other function's artifact.
 */
const drawingApart = {
  name: 'drawing-apart',
  setup(build) {
    const { outdir, write, entryPoints, minify, format, platform, target, mainFields, legalComments } =
      build.initialOptions;
    const name = nameOf(entryPoints);
    const beside = (file) => `${name}.${basename(file)}`;
    let source;
    build.onResolve({ filter: /\/drawing\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      source = join(resolveDir, path);
      return { path: `./${name}.drawing.cjs`, external: true };
    });
    const inBundle = {
      name: 'renderer-files',
      setup: (inner) =>
        inner.onLoad({ filter: /[\\/]renderer-files\.ts$/ }, ({ path }) => ({
          loader: 'js',
          resolveDir: dirname(path),
          contents: rendererFiles(beside(FONT), beside(RENDERER)),
        })),
    };
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0 || source === undefined) return;
      const { resolve } = createRequire(source);
      await build.esbuild.build({
        entryPoints: [source],
        outfile: join(outdir, `${name}.drawing.cjs`),
        bundle: true,
        plugins: [vegaWithoutCanvas, inBundle],
        ...{ minify, format, platform, target, mainFields, legalComments },
      });
      await Promise.all([RENDERER, FONT].map((file) => copyFile(resolve(file), join(outdir, beside(file)))));
    });
  },
};

/** The page at /docs, as in services/api/src/endpoints/docs/get-page-file.ts. */
const UI_FILES = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'];

/** Puts the files of Swagger UI beside the bundle of the function that gives them out, named as the drawing's are. */
const uiBeside = {
  name: 'ui-beside',
  setup(build) {
    const { outdir, write, entryPoints } = build.initialOptions;
    const name = nameOf(entryPoints);
    let source;
    build.onLoad({ filter: /[\\/]docs[\\/]ui-files\.ts$/ }, ({ path }) => {
      source = path;
      return {
        loader: 'js',
        resolveDir: dirname(path),
        contents: `import { join } from 'node:path';
          export const uiFile = (name) => join(__dirname, '${name}.' + name);`,
      };
    });
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0 || source === undefined) return;
      const { resolve } = createRequire(source);
      await mkdir(outdir, { recursive: true });
      await Promise.all(
        UI_FILES.map((file) => copyFile(resolve(`swagger-ui-dist/${file}`), join(outdir, `${name}.${file}`))),
      );
    });
  },
};

const besideBundles = [expressionsApart, workbooksApart, pagesApart, parquetApart, foreignCsvApart];
module.exports = [tracerApart, grammarApart, ...besideBundles, drawingApart, uiBeside, usedShapesOnly];
