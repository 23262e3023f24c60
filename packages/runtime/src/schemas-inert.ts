/**
 * What stands in for `schemas.ts` within a function: the same words, without zod behind them, which would cost each cold start 19 kB and
 * 2 ms for nothing. A schema that is asked to parse says so instead of letting anything pass.
 */
const use = (): never => {
  throw new Error(
    'Schemas are not here at run time: requests are validated by generated code (scripts/gen-functions.ts).',
  );
};
const inert = { check: () => inert, parse: use, safeParse: use, decode: use, encode: use };
const word = () => inert;

export {
  word as _default,
  word as array,
  word as boolean,
  word as enum,
  word as int,
  word as literal,
  word as maximum,
  word as maxLength,
  word as minimum,
  word as minLength,
  word as number,
  word as object,
  word as optional,
  word as regex,
  word as string,
};
