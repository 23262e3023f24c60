// The import rules of docs/architecture.md, checked by `npm run check`.

/** Tests, and what only tests use, may reach for real parts. */
const TESTS = '(\\.test\\.ts$|/testing/)';
const only = (from, allowed, extra = {}) => ({
  name: `${from}-imports-only-${allowed.length ? allowed.join('-') : 'nothing-of-ours'}`,
  severity: 'error',
  from: { path: `^packages/${from}/src`, pathNot: TESTS, ...extra },
  to: { path: `^(packages/(?!(${[from, ...allowed].join('|')})/)|services/)` },
});
export default {
  forbidden: [
    only('tabular', []),
    only('domain', ['tabular']),
    only('sources', ['domain', 'tabular']),
    only('stores', ['domain', 'tabular']),
    only('runtime', ['domain']),
    only('sql', ['domain']),
    only('plots', ['domain', 'tabular']),
    // It could be published: its tests know nothing of ours either.
    only('embedded-aws', [], { pathNot: '^$' }),
    only('replica', ['embedded-aws', 'tabular']),
    only('local', ['embedded-aws', 'replica', 'domain', 'sources']),
    only('admin', ['local']),
    only('cli', ['admin', 'domain', 'local', 'sources', 'stores', 'tabular']),
    {
      name: 'domain-knows-no-framework',
      severity: 'error',
      from: { path: '^packages/(domain|tabular|sources)/src', pathNot: TESTS },
      to: { path: 'node_modules/(@aws-sdk|@middy|aws-xray-sdk-core|serverless)' },
    },
    {
      name: 'services-never-import-each-other',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'only-deps-imports-adapters',
      severity: 'error',
      from: { path: '^services/[^/]+/src', pathNot: `(src/deps\\.ts$|${TESTS})` },
      to: { path: '^packages/stores' },
    },
    {
      name: 'nothing-deployed-or-published-imports-scripts-or-tests',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: TESTS },
      to: { path: '^(scripts|tests|bench)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-vague-packages',
      severity: 'error',
      from: {},
      to: { path: '^packages/(utils|common|shared)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What is packaged meanwhile comes and goes.
    exclude: { path: '/\\.(esbuild|serverless)' },
    tsPreCompilationDeps: true,
    // dependency-cruiser does not know TypeScript 7's compiler yet; swc reads the same imports, type-only ones
    // included.
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
