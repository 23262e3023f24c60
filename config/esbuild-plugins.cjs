/**
 * Puts the tracer into a file of its own beside each function's bundle: in the bundle, its 126 kB would be read and scanned by every cold start
 * (2.5 ms), also of those that trace nothing. esbuild itself splits ESM only, and functions are CommonJS, which loads faster.
 */
const { join } = require('node:path');

const TRACER = '@aws-lambda-powertools/tracer';
const FILE = 'tracer.cjs';

const tracerApart = {
  name: 'tracer-apart',
  setup(build) {
    const { outdir, write, minify, format, platform, target, mainFields, legalComments } = build.initialOptions;
    build.onResolve({ filter: new RegExp(`^${TRACER}$`) }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${FILE}`, external: true } : undefined,
    );
    build.onEnd(async ({ errors }) => {
      if (write === false || errors.length > 0) return;
      await build.esbuild.build({
        // Named here, so that esbuild tells Node's `import()` the name.
        stdin: { contents: `export { Tracer } from '${TRACER}';`, resolveDir: join(__dirname, '../packages/runtime') },
        outfile: join(outdir, FILE),
        bundle: true,
        ...{ minify, format, platform, target, mainFields, legalComments },
      });
    });
  },
};

module.exports = [tracerApart];
