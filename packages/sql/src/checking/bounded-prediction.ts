import {
  type ATNConfig,
  type ATNConfigSet,
  type DFA,
  type DFAState,
  ParserATNSimulator,
  PredictionContextCache,
} from 'antlr4ng';
import type { TrinoSqlParser } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { LONGEST_MS, MOST_KEPT, MOST_STEPS } from './limits.ts';

/** The look-ahead of a text took more steps than it may. */
export class TooIntricate extends Error {
  override readonly name = 'TooIntricate';
}

const STEPS_BETWEEN = 256;

/** Configurations in the tables that all parsers of this process share. */
let kept = 0;

/**
 * ANTLR's look-ahead (LL, its default: SLL takes gigabytes for a dozen subqueries within each other), which counts its
 * steps. How far it looks, and how many alternatives it follows, depends on the text. The steps go with the time, and
 * with the memory.
 */
class BoundedPrediction extends ParserATNSimulator {
  steps = 0;
  /** Work, not time: a machine that is busy with other things makes no text intricate. */
  readonly #begun = process.threadCpuUsage();

  protected override closureCheckingStopState(
    config: ATNConfig,
    configs: ATNConfigSet,
    busy: Parameters<ParserATNSimulator['closure']>[2],
    collectPredicates: boolean,
    fullContext: boolean,
    depth: number,
    eofIsEpsilon: boolean,
  ): void {
    this.steps++;
    if (this.steps > MOST_STEPS) throw new TooIntricate();
    if (this.steps % STEPS_BETWEEN === 0 && this.#worked() > LONGEST_MS) throw new TooIntricate();
    super.closureCheckingStopState(config, configs, busy, collectPredicates, fullContext, depth, eofIsEpsilon);
  }

  /** Milliseconds of processor time, of this thread. */
  #worked(): number {
    const { user, system } = process.threadCpuUsage(this.#begun);
    return (user + system) / 1000;
  }

  protected override addDFAState(dfa: DFA, state: DFAState): DFAState {
    kept += state.configs.items.length;
    return super.addDFAState(dfa, state);
  }
}

/**
 * Runs `parse` on a parser whose look-ahead is bounded. Throws TooIntricate beyond the bound, and RangeError where it
 * runs out of stack.
 */
export const parseBounded = <T>(parser: TrinoSqlParser, parse: () => T): { result: T; steps: number } => {
  const { atn, decisionToDFA } = parser.interpreter;
  const prediction = new BoundedPrediction(parser, atn, decisionToDFA, new PredictionContextCache());
  parser.interpreter = prediction;
  let broken = false;
  try {
    return { result: parse(), steps: prediction.steps };
  } catch (error) {
    broken = error instanceof TooIntricate || error instanceof RangeError;
    throw error;
  } finally {
    // The tables grow with every new text, and a look-ahead that was broken off may have left them half made.
    if (broken || kept > MOST_KEPT) {
      prediction.clearDFA();
      kept = 0;
    }
  }
};
