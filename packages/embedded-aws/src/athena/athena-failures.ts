import { QueryFailure, type ReadSql } from './athena-sql.ts';
import { OutOfRange } from './athena-values.ts';

/** It was stopped, by whoever asked for it or by the limit of bytes. */
export class QueryCancelled extends Error {}

export const exhausted = () => new QueryFailure('Query exhausted resources at this scale factor', 'system');
export const internalFailure = () => new QueryFailure('GENERIC_INTERNAL_ERROR: the query could not be run', 'system');

/** What DuckDB, the C++ library and V8 say when there is no more. */
export const OUT_OF_MEMORY = /out of memory|bad_alloc|allocation fail|failed to allocate/i;

/** An error of DuckDB's in Athena's words. */
export const failureOf = (error: Error, read: ReadSql | undefined): Error => {
  if (error instanceof QueryFailure || error instanceof QueryCancelled) return error;
  if (error instanceof OutOfRange) return new QueryFailure(error.message);
  const message = error.message.split('\n')[0]!;
  const column = /Referenced column "(.+?)" (?:not found|was not found)|does not have a column named "(.+?)"/.exec(
    message,
  );
  const name = column?.[1] ?? column?.[2];
  if (name !== undefined) {
    return new QueryFailure(
      `COLUMN_NOT_FOUND: ${read?.placeOf(name.toLowerCase()) ?? ''}Column '${name}' cannot be resolved or requester is not authorized to access requested resources`,
    );
  }
  const [, kind = '', said = message] = /^([\w ]+?) Error: (.*)$/.exec(message) ?? [];
  if (kind === 'Out of Memory') return exhausted();
  if (kind === 'IO' || kind === 'Fatal' || kind === 'Internal' || kind === '') {
    return OUT_OF_MEMORY.test(message) ? exhausted() : internalFailure();
  }
  if (/\.parquet\b/.test(said))
    return new QueryFailure('HIVE_BAD_DATA: a file of the table cannot be read as its columns say');
  // What a macro says is Athena's own wording already: it fails by casting its words to a number, as error() keeps TRY
  // from working.
  const words = /^(?:Could not convert string ')?([A-Z_]+: .*?)(?:' to INT8)?$/.exec(said)?.[1];
  if (words !== undefined) return new QueryFailure(words);
  const code: Record<string, string> = {
    Parser: 'SYNTAX_ERROR: ',
    Binder: 'SYNTAX_ERROR: ',
    Catalog: 'SYNTAX_ERROR: ',
    Conversion: 'INVALID_CAST_ARGUMENT: ',
    'Out of Range': 'NUMERIC_VALUE_OUT_OF_RANGE: ',
  };
  return new QueryFailure(`${code[kind] ?? ''}${said}`);
};
