import type { Queue } from '@granary/domain/ports/collecting';

/** For tests: keeps what was sent. */
export const makeMemoryQueue = <Message>(): Queue<Message> & { sent: { message: Message; delay_s: number }[] } => {
  const sent: { message: Message; delay_s: number }[] = [];
  return {
    sent,
    async send(messages, { delay_s = 0 } = {}) {
      for (const message of messages) sent.push({ message: structuredClone(message), delay_s });
    },
  };
};
