import { describe, expect, it } from '@jest/globals';
import { packageService, SERVICES } from './packaged.ts';

type Resource = { name: string; Type: string; Condition?: string; Properties: Record<string, unknown> };

const ofType = async (...types: string[]): Promise<Resource[]> => {
  const packaged = await Promise.all(SERVICES.map((service) => packageService(service, 'dev')));
  return packaged
    .flatMap(({ template }) => Object.entries(template.Resources))
    .filter(([, { Type }]) => types.includes(Type))
    .map(([name, resource]) => ({ name, ...resource }) as unknown as Resource);
};

const TOPIC = 'granary-dev-alarms-topic-arn';
/** Within the stack that has the topic, and from the others. */
const TOLD = [JSON.stringify([{ Ref: 'AlarmsTopic' }]), JSON.stringify([{ 'Fn::ImportValue': TOPIC }])];

describe('X10: an alarm is told to somebody', () => {
  it('whichever it is: its beginning goes to the topic of the stage, by itself or by the composite alarm, and its end there or nowhere', async () => {
    const alarms = await ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');
    expect(alarms.length).toBeGreaterThanOrEqual(4);
    const [composite, ...others] = alarms.filter(({ Type }) => Type === 'AWS::CloudWatch::CompositeAlarm');
    expect(others).toEqual([]);
    expect(JSON.stringify(composite?.Properties.OKActions)).toBe(TOLD[1]);
    const untold = alarms.filter(({ Properties }) => {
      const { AlarmName, AlarmActions, OKActions = AlarmActions, ActionsEnabled } = Properties;
      if (ActionsEnabled === false) return true;
      if (AlarmActions === undefined && OKActions === undefined)
        return !String(composite?.Properties.AlarmRule).includes(`ALARM("${AlarmName}")`);
      return ![AlarmActions, OKActions].every((actions) => TOLD.includes(JSON.stringify(actions)));
    });
    expect(untold.map(({ name }) => name)).toEqual([]);
  }, 540_000);

  it('by its name the topic takes it: its policy is for alarms of this stage', async () => {
    const alarms = await ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');
    for (const { Properties } of alarms) expect(Properties.AlarmName).toMatch(/^granary-dev-/);
  }, 540_000);

  it('over one topic, encrypted by a key that CloudWatch may use, which exports its address', async () => {
    const [topic, ...others] = await ofType('AWS::SNS::Topic');
    expect(others).toEqual([]);
    expect(topic?.Properties).toMatchObject({ TopicName: 'granary-dev-alarms', KmsMasterKeyId: { Ref: 'AlarmsKey' } });
    const { template } = await packageService('storage', 'dev');
    expect(template.Outputs?.AlarmsTopicArn).toEqual({ Value: { Ref: 'AlarmsTopic' }, Export: { Name: TOPIC } });
    const key = template.Resources.AlarmsKey?.Properties as { KeyPolicy: { Statement: object[] } };
    expect(key.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      }),
    );
  }, 540_000);

  it('to which nobody publishes but CloudWatch, of this account, for its own alarms', async () => {
    const [policy, ...others] = await ofType('AWS::SNS::TopicPolicy');
    expect(others).toEqual([]);
    const { Statement } = policy!.Properties.PolicyDocument as { Statement: unknown[] };
    const alarms = 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:granary-dev-*';
    expect(Statement).toEqual([
      {
        Sid: 'AlarmsOfThisStage',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: 'AlarmsTopic' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: { 'aws:SourceArn': { 'Fn::Sub': alarms } },
        },
      },
    ]);
  }, 540_000);

  it('and read by who is named in the parameter, if anybody is', async () => {
    const [reader, ...others] = await ofType('AWS::SNS::Subscription');
    expect(others).toEqual([]);
    expect(reader).toMatchObject({
      Condition: 'AlarmsHaveAReader',
      Properties: { TopicArn: { Ref: 'AlarmsTopic' }, Protocol: 'email' },
    });
  }, 540_000);
});

it('X11: there is no role but those of single functions, of API Gateway for its logs, and each function has its own', async () => {
  const roles = (await ofType('AWS::IAM::Role')).map(({ name }) => name);
  const functions = await ofType('AWS::Lambda::Function');
  const own = functions.map(({ name }) => name.replace(/LambdaFunction$/, 'IamRoleLambdaExecution'));
  expect(roles.sort()).toEqual([...own, 'ApiGatewayLogsRole'].sort());
  for (const { name, Properties } of functions)
    expect({ name, role: Properties.Role }).toEqual({
      name,
      role: { 'Fn::GetAtt': [name.replace(/LambdaFunction$/, 'IamRoleLambdaExecution'), 'Arn'] },
    });
}, 540_000);
