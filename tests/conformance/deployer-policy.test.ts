import { describe, expect, it } from '@jest/globals';
import { readDeployerPolicy } from '../deploy/deployer.ts';

/** Of the inline policies of a role together, without white space (IAM quotas). */
const MOST_CHARACTERS = 10_240;
/** These know no resources, or are about what has no name of ours: ids are AWS's own. */
const EVERYWHERE =
  /^(cloudformation:(ValidateTemplate|ListStacks)|lambda:CreateEventSourceMapping|kms:(CreateKey|ListAliases|ListKeys)|cognito-idp:(CreateUserPool|ListUserPools)|logs:(DescribeLogGroups|\w*QueryDefinitions?)|sns:(\w+SubscriptionAttributes|Unsubscribe))$/;

describe('config/deployer-policy.json', () => {
  const { Statement } = readDeployerPolicy();

  it('fits into a role', () => {
    expect(JSON.stringify(readDeployerPolicy()).replace(/\s/g, '').length).toBeLessThan(MOST_CHARACTERS);
  });

  it('names its statements, each once', () => {
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
    for (const { Sid, Effect, Action } of Statement) {
      expect(Sid).toMatch(/^[A-Za-z]+$/);
      expect({ Sid, Effect, twice: Action.length - new Set(Action).size }).toEqual({ Sid, Effect: 'Allow', twice: 0 });
    }
  });

  it('allows no action by a pattern that changes anything', () => {
    const patterns = Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'));
    expect(patterns.filter((action) => !/^[\w-]+:(Get|Describe|List)[\w*]*$/.test(action))).toEqual([]);
  });

  it('reaches nothing but what is Granary’s, where resources have names', () => {
    for (const { Sid, Action, Resource } of Statement) {
      const wide = [Resource].flat().filter((arn) => !/granary/.test(arn));
      const byIds =
        /^arn:aws:(apigateway:\*::\/|cognito-idp:\*:\*:userpool\/|kms:\*:\*:key\/|lambda:\*:\*:event-source-mapping:|glue:\*:\*:catalog$)/;
      for (const arn of wide) {
        if (arn === '*')
          expect({ Sid, wide: Action.filter((action) => !EVERYWHERE.test(action)) }).toEqual({ Sid, wide: [] });
        else expect({ Sid, arn }).toEqual({ Sid, arn: expect.stringMatching(byIds) });
      }
    }
  });

  it('passes roles of Granary to Lambda and API Gateway alone, and attaches no policy but that of the gateway’s logs', () => {
    const about = (action: string) => Statement.filter(({ Action }) => Action.includes(action));
    expect(about('iam:PassRole').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com', 'apigateway.amazonaws.com'] } },
    ]);
    expect(about('iam:AttachRolePolicy').map(({ Condition }) => Condition)).toEqual([
      { ArnEquals: { 'iam:PolicyARN': expect.stringMatching(/AmazonAPIGatewayPushToCloudWatchLogs$/) } },
    ]);
  });
});
