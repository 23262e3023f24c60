import { KEY_HEADER } from '../start-key.ts';

/** How an invocation ended: what the handler returned, or what it threw. */
export type InvocationResult = { payload: unknown; failed: boolean };
export type Invoke = (functionName: string, event: unknown, signal?: AbortSignal) => Promise<InvocationResult>;

/**
 * Invokes functions at serverless-offline's Lambda endpoint, always as RequestResponse: its `Event` ends the whole
 * process when the handler throws. `key`: of the start that the endpoint belongs to.
 */
export const makeInvoke =
  (lambdaUrl: string, key?: string): Invoke =>
  async (functionName, event, signal) => {
    const answer = await fetch(`${lambdaUrl}/2015-03-31/functions/${functionName}/invocations`, {
      method: 'POST',
      headers: { ...(key && { [KEY_HEADER]: key }) },
      body: JSON.stringify(event),
      signal,
    });
    const text = await answer.text();
    const payload: unknown = text === '' ? null : JSON.parse(text);
    const failed = !answer.ok || answer.headers.has('x-amz-function-error') || answer.headers.has('x-amzn-errortype');
    return { payload, failed };
  };

/** Waits until something answers at `url`, however it answers. */
export const untilAnswers = async (url: string, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const answered = await fetch(url, { signal }).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
