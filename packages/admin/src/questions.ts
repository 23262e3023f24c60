import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { read } from 'read';
import { UserError } from './user-error.ts';

export type Questions = {
  /** What is typed is not shown. */
  secret(prompt: string): Promise<string>;
  line(prompt: string): Promise<string>;
  /** Whether somebody sits there. */
  interactive: boolean;
};

type Streams = { input: Readable & { isTTY?: boolean }; output: Writable & { isTTY?: boolean } };

const onTerminal = ({ input, output }: Streams): Questions => {
  const ask = async (prompt: string, silent: boolean): Promise<string> => {
    try {
      const answer = await read({ prompt: `${prompt}:`, silent, input, output, terminal: true });
      // What was typed ended with a newline that was not shown either.
      if (silent) output.write('\n');
      return answer;
    } catch {
      throw new UserError('Given up.');
    }
  };
  return { secret: (prompt) => ask(prompt, true), line: (prompt) => ask(prompt, false), interactive: true };
};

/** One answer a line, in the order of the questions. */
const fromPipe = ({ input }: Streams): Questions => {
  let lines: AsyncIterator<string> | undefined;
  const next = async (prompt: string): Promise<string> => {
    lines ??= createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done || value === '') {
      throw new UserError(
        `${prompt}: no answer. Without a terminal the answers are read from standard input, one a line.`,
      );
    }
    return value;
  };
  return { secret: next, line: next, interactive: false };
};

/**
 * Asks on the terminal, in words that go to standard error, since standard output is for results; without a terminal
 * the answers are the lines of standard input. Never of the command line, which every process of the machine may read.
 */
export const makeQuestions = (streams: Streams = { input: process.stdin, output: process.stderr }): Questions =>
  streams.input.isTTY && streams.output.isTTY ? onTerminal(streams) : fromPipe(streams);

/** A new password, typed twice where somebody types. */
export const askNewPassword = async (questions: Questions, prompt: string): Promise<string> => {
  const password = await questions.secret(prompt);
  if (!questions.interactive || (await questions.secret(`${prompt}, again`)) === password) return password;
  throw new UserError('The two differ: nothing was changed.');
};
