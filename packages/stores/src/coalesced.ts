/**
 * A function of one thing, served many at a time: what is asked under one key while an earlier answer is under way is
 * answered together, by one call of `serve`, which gives as many answers as there were questions, in their order. What
 * it throws, all of them throw.
 */
export const coalesced = <Question, Answer>(
  serve: (key: string, questions: readonly Question[]) => Promise<readonly Answer[]>,
): ((key: string, question: Question) => Promise<Answer>) => {
  type Waiting = { question: Question; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  const waiting = new Map<string, Waiting[]>();

  const run = async (key: string): Promise<void> => {
    // Whoever asks in the same turn comes along.
    await Promise.resolve();
    for (let batch = waiting.get(key)!; batch.length > 0; batch = waiting.get(key)!) {
      waiting.set(key, []);
      try {
        const answers = await serve(
          key,
          batch.map(({ question }) => question),
        );
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    waiting.delete(key);
  };

  return (key, question) =>
    new Promise<Answer>((resolve, reject) => {
      const one = { question, resolve, reject };
      const others = waiting.get(key);
      if (others) others.push(one);
      else {
        waiting.set(key, [one]);
        void run(key);
      }
    });
};
