import type { Config } from 'jest';

// middy 7 has no CommonJS exports, so jest runs in ESM mode (node --experimental-vm-modules, see scripts/test.ts).
const config: Config = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.[mc]?ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  modulePathIgnorePatterns: ['/\\.esbuild', '/\\.serverless', '/\\.granary'],
  testTimeout: 30_000,
  testMatch: [
    '<rootDir>/packages/**/*.test.ts',
    '<rootDir>/services/**/*.test.ts',
    '<rootDir>/tests/**/*.test.ts',
    '<rootDir>/scripts/**/*.test.ts',
  ],
};
export default config;
