import { AwsError, NotImplementedHere } from '../aws-error.ts';

/** Words of letters, digits and `_`; anything else stands in quotes. `-` before it: none of them; `?`: any of them. */
const TERM = /([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/gu;

/**
 * Whether a message has the terms of a filter pattern, as CloudWatch Logs reads it. Throws InvalidParameterException
 * where a term needs quotes; patterns for JSON, columns and regular expressions are not done here (501).
 */
export const filterOf = (pattern: string): ((message: string) => boolean) => {
  const text = pattern.trim();
  if (/^[{[]/.test(text) || /(^|\s)[-?]?%/.test(text)) {
    throw new NotImplementedHere('with a filterPattern other than terms (JSON, columns or a regular expression)');
  }
  const terms: Record<'' | '-' | '?', string[]> = { '': [], '-': [], '?': [] };
  for (const [, sign = '', quoted, word] of text.matchAll(TERM)) {
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) {
      throw new AwsError('InvalidParameterException', `Invalid character(s) in term '${word}'`);
    }
    terms[sign as '' | '-' | '?'].push(word ?? quoted!.replace(/\\(.)/g, '$1'));
  }
  return (message) =>
    terms[''].every((term) => message.includes(term)) &&
    !terms['-'].some((term) => message.includes(term)) &&
    // Beside terms that must be there, those that may are not looked at.
    (terms[''].length > 0 || terms['?'].length === 0 || terms['?'].some((term) => message.includes(term)));
};
