import { DeleteStackCommand, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { emptyBucket } from './empty-bucket.ts';
import { failuresOf, findStack, resourcesOf } from './stacks.ts';

/**
 * Takes the stack away, with the bucket that osls deployed it from. What is to stay stays. Throws with CloudFormation's
 * reasons.
 */
export const deleteStack = async (account: Account, StackName: string): Promise<void> => {
  const stack = await findStack(account, StackName);
  if (stack === undefined) return;
  const { formation } = account.clients;
  const since = new Date();
  for (const { LogicalResourceId, PhysicalResourceId } of await resourcesOf(account, StackName))
    if (LogicalResourceId === 'ServerlessDeploymentBucket') await emptyBucket(account, PhysicalResourceId!);
  await formation.send(new DeleteStackCommand({ StackName: stack.StackId }));
  try {
    const patience = { client: formation, minDelay: 1, maxDelay: 5, maxWaitTime: 1800 };
    await waitUntilStackDeleteComplete(patience, { StackName: stack.StackId! });
  } catch {
    const lines = await failuresOf(account, stack.StackId!, since);
    throw new Error(
      `The stack ${StackName} could not be taken away:\n${lines.join('\n') || '  (CloudFormation says no reason)'}\nMend what it says and run the same command again; it goes on where it stopped.`,
    );
  }
};
