/**
 * `match` and `imatch`: RE2's syntax, whose time is linear in the text whatever the expression. The engine is loaded
 * when one is asked for: it would cost each cold start some milliseconds.
 */
import { QueryError, tooMuch } from './query-error.ts';

/** A test of texts, and what it costs: nanoseconds, roughly, on a text of some dozen characters. */
export type Expression = { matches(text: string): boolean; work: number };

/** Characters of an expression, and instructions that it may be compiled to. */
const LONGEST = 1000;
const MOST_INSTRUCTIONS = 2000;
/**
 * Milliseconds that one expression may take of a query for texts that cost more than their `work`. A text's time is
 * linear in its length, but up to a tenth of a second for a thousand characters: `\pL{1000}` has as many states as
 * they are long. The clock is not asked about other texts.
 */
const MOST_MS = 3000;
const LONG_STEPS = 20_000;

type Engine = typeof import('re2js').RE2JS;
let engine: Engine | undefined;

/** Loads the engine, once. {@link compileExpression} needs it. */
export const loadExpressions = async (): Promise<void> => {
  engine ??= (await import('re2js')).RE2JS;
};

const invalid = (details: string): QueryError =>
  new QueryError('2201B', `invalid regular expression: ${details}`, {
    hint: 'Expressions are RE2’s: there is no looking ahead or behind, and no reference back to a group.',
  });

/**
 * As PostgreSQL has it, `.` takes the ends of lines too, and `^` and `$` stand at the ends of the text. Throws
 * QueryError 2201B, and its test PGRST100 when all its long texts together took more than `most_ms`.
 */
export const compileExpression = (pattern: string, ignoreCase: boolean, most_ms = MOST_MS): Expression => {
  if (!engine) throw new TypeError('loadExpressions() comes before an expression is compiled');
  if (pattern.length > LONGEST) throw invalid(`longer than ${LONGEST} characters`);
  try {
    const compiled = engine.compile(pattern, engine.DOTALL | (ignoreCase ? engine.CASE_INSENSITIVE : 0));
    const instructions = compiled.programSize();
    let spent_ms = 0;
    const matches = (text: string): boolean => {
      if (text.length * instructions < LONG_STEPS) return compiled.test(text);
      if (spent_ms > most_ms) throw tooMuch('a regular expression that takes too long on texts as long as these');
      const begun = performance.now();
      const found = compiled.test(text);
      spent_ms += performance.now() - begun;
      return found;
    };
    if (instructions <= MOST_INSTRUCTIONS) return { matches, work: 1000 + 20 * instructions };
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('RE2JS'))
      throw invalid(error.message.replace(/^error parsing regexp: /, '').replace(/`\(\?[is]+\)/, '`'));
    throw error;
  }
  throw invalid('it repeats too much');
};
