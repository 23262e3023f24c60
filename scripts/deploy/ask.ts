import { createInterface } from 'node:readline/promises';

/** Whether whoever sits there types exactly this. False without a terminal: nobody can be asked. */
export const typed = async (question: string, expected: string): Promise<boolean> => {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await lines.question(`${question} `)).trim() === expected;
  } finally {
    lines.close();
  }
};
