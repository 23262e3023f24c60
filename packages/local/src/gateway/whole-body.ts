import type { IncomingMessage } from 'node:http';

/** Why a body was not read to its end: it is too long, took too long, or whoever sends it went away. */
export class BodyRefused extends Error {
  readonly status: 408 | 413 | undefined;
  constructor(status: 408 | 413 | undefined, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The whole body of a message, which is given up after `largest` bytes or `within_ms`. Throws BodyRefused. Nothing is
 * listened to afterwards, so whoever goes away later disturbs nobody.
 */
export const wholeBody = (
  message: IncomingMessage,
  { largest, within_ms }: { largest: number; within_ms: number },
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = (status: 408 | 413 | undefined, why: string) => end(() => reject(new BodyRefused(status, why)));
    const tooLate = () => refuse(408, `The body did not arrive within ${within_ms / 1000} s.`);
    const timer = setTimeout(tooLate, within_ms);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      message.off('data', onData).off('end', onEnd).off('close', onClose);
      settle();
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > largest) refuse(413, `The body is longer than ${largest} bytes.`);
      else chunks.push(chunk);
    };
    const onEnd = () => end(() => resolve(Buffer.concat(chunks)));
    const onClose = () => refuse(undefined, 'The sender went away.');
    // Stays: a message whose sender goes away later says so by this event, and without a listener it would end the
    // process.
    message.on('error', onClose);
    message.on('data', onData).on('end', onEnd).on('close', onClose);
    if (message.destroyed) onClose();
  });
