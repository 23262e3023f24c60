import { type $ZodType, type output, safeParse } from 'zod/v4/core';
import en from 'zod/v4/locales/en.js';

type Misfit = { path: string; message: string };

/**
 * Parses by a schema of zod or zod/mini; the latter has no words of its own for what does not fit, so English ones are
 * given to it.
 */
export const parseBy = <S extends $ZodType>(
  schema: S,
  value: unknown,
): { data: output<S> } | { misfits: readonly Misfit[] } => {
  const parsed = safeParse(schema, value, { error: en().localeError });
  if (parsed.success) return { data: parsed.data };
  return { misfits: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
};
