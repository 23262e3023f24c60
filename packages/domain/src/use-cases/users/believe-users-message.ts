import { MessageNotBelieved } from '../../errors.ts';
import type { FetchUsersMessage } from '../../messages/fetch-users.ts';
import { type RunOfMessageDeps, runOfMessage } from '../runs/run-of-message.ts';

/**
 * Throws MessageNotBelieved unless the run is a fetch of users, the message is one of its pages, and the size is what
 * the run asks for.
 */
export const believeUsersMessage =
  (deps: RunOfMessageDeps & { source: { id: string } }) =>
  async (message: FetchUsersMessage): Promise<void> => {
    const { part, size } = message;
    const { asked } = await runOfMessage(deps, message, 'users', deps.source.id);
    const due = asked && Math.min(asked.size, asked.users - (part - 1) * asked.size);
    if (due !== size)
      throw new MessageNotBelieved(`Page ${part} of the run '${message.run}' is of ${due} users, not of ${size}`);
  };
