/** What a deployment does about the state that a stack is in: go on, take an empty stack away first, or stop. */
export type Verdict = { kind: 'ready' } | { kind: 'clear'; sentence: string } | { kind: 'stop'; sentence: string };

const READY = /^((CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE)$/;

export const verdictOf = (stack: { name: string; status: string; reason?: string }, command: string): Verdict => {
  const { name, status } = stack;
  const reason = stack.reason ? ` (${stack.reason})` : '';
  if (READY.test(status)) return { kind: 'ready' };
  if (status === 'REVIEW_IN_PROGRESS') {
    const sentence = `${name} has never been more than a plan (${status}): it holds nothing and is taken away.`;
    return { kind: 'clear', sentence };
  }
  if (status === 'ROLLBACK_COMPLETE') {
    const sentence = `${name} could not be made the last time${reason} and was rolled back: what is left of it is taken away; what holds data stays and is adopted.`;
    return { kind: 'clear', sentence };
  }
  const stop = (sentence: string): Verdict => ({ kind: 'stop', sentence });
  if (status.endsWith('_IN_PROGRESS'))
    return stop(`${name} is being changed right now (${status}). Wait until that is done, and deploy again.`);
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return stop(
      `${name} could not be rolled back${reason}. Mend what it says, then: aws cloudformation continue-update-rollback --stack-name ${name}, and deploy again.`,
    );
  }
  return stop(
    `${name} is in the state ${status}${reason}. Take it away, which keeps what holds data, and deploy again, which adopts that: ${command}`,
  );
};
