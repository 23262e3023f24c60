import { isAlive } from './is-alive.ts';
import { readLocalStack } from './state.ts';

/** A sentence when another start uses this state. A pid may have been given anew, so the stack must answer too. */
export const runningElsewhere = async (state: string): Promise<string | undefined> => {
  const stack = readLocalStack(state);
  const pid = stack?.pids.start;
  if (!stack?.running || !pid || pid === process.pid || !isAlive(pid)) return undefined;
  const answered = await fetch(stack.awsEndpoint, { method: 'OPTIONS' }).then(
    () => true,
    () => false,
  );
  if (!answered) return undefined;
  return `Granary runs already: ${stack.dashboard} (process ${pid}). Stop it with Ctrl-C in its terminal, or with \`kill ${pid}\`; a second one beside it needs its own folder and port: npm start -- --state DIR --port N`;
};
