import { DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Cloud } from './cloud.ts';

const REFUSED = /not authorized|AccessDenied|Access Denied|UnauthorizedOperation/i;

/** The lines of functions' logs that tell of a refusal by IAM; throws when a function has said nothing at all. */
export const refusedInLogs = async ({ clients: { logs }, stage }: Cloud): Promise<string[]> => {
  const refused: string[] = [];
  const groups = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/granary-', limit: 50 }),
  );
  for (const { logGroupName } of groups.logGroups ?? []) {
    if (!logGroupName?.includes(`-${stage}-`)) continue;
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken, limit: 10_000 }));
      for (const { message = '' } of page.events ?? [])
        if (REFUSED.test(message)) refused.push(`${logGroupName}: ${message.trim().slice(0, 300)}`);
      nextToken = page.nextToken;
    } while (nextToken);
  }
  return refused;
};
