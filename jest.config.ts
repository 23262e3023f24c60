import type { Config } from 'jest';

// middy 7 has no CommonJS exports, so jest runs in ESM mode (node --experimental-vm-modules, see scripts/test.ts).
const config: Config = {
  testEnvironment: '<rootDir>/tests/jest-environment.ts',
  testSequencer: '<rootDir>/tests/jest-sequencer.ts',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.[mc]?ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
    // Its files are ES modules that its package.json does not declare so: what bundles the API reads them, Node does
    // not.
    '/dt-sql-parser/dist/.+\\.js$': ['@swc/jest', { jsc: { target: 'es2024' }, module: { type: 'commonjs' } }],
  },
  // One copy of it for those files, which require it, and for ours, which import it.
  moduleNameMapper: { '^antlr4ng$': '<rootDir>/packages/sql/node_modules/antlr4ng/dist/index.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!.*dt-sql-parser/dist/)'],
  modulePathIgnorePatterns: ['/\\.esbuild', '/\\.serverless', '/\\.granary'],
  // Limits end what hangs, and say nothing of speed: a machine that others use as well may be three times as slow.
  testTimeout: 90_000,
  testMatch: [
    '<rootDir>/packages/**/*.test.ts',
    '<rootDir>/services/**/*.test.ts',
    '<rootDir>/tests/**/*.test.ts',
    '<rootDir>/scripts/**/*.test.ts',
  ],
};
export default config;
