/** A value that may be given for `:name`. */
export type ParameterValue = string | number | boolean | null;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Whole numbers that JSON keeps exactly are INTEGER or BIGINT; all others are DOUBLE, which an exponent says (`0.1`
 * would be a DECIMAL).
 */
const number = (value: number): string => {
  const digits = Number.isSafeInteger(value) ? String(value) : value.toExponential().toUpperCase();
  return value < 0 ? `(${digits})` : digits;
};

/**
 * The literal of Trino that stands for a value. A string is standard SQL, in which a quote is doubled and nothing else
 * is special; it must be well-formed and hold no NUL. A negative number stands in brackets: after a minus it would
 * begin a comment.
 */
export const literalOf = (value: ParameterValue): string => {
  if (value === null) return 'null';
  return typeof value === 'string' ? quoted(value) : typeof value === 'number' ? number(value) : String(value);
};
