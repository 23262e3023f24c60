/**
 * The words in which endpoints say what they take: zod/mini. Generated code (scripts/gen-functions.ts) reads the schemas; functions never do,
 * so their bundles take `schemas-inert.ts` in its place (config/esbuild.yml).
 */
export {
  _default,
  array,
  boolean,
  enum,
  int,
  literal,
  maximum,
  maxLength,
  minimum,
  minLength,
  number,
  object,
  optional,
  regex,
  string,
} from 'zod/mini';
