import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageService, SERVICES, type Template } from './packaged.ts';

const ACCOUNT = '123456789012';
/** The second is the longest name there is of a region, bar the isolated ones. */
const REGIONS = ['us-east-1', 'ap-northeast-1'] as const;
const STAGES = ['dev', 'prod'] as const;
const LONGEST_STAGE = 'a'.repeat(16);

/**
 * Where a type's own name stands, and what it is unique in. Children of a named resource (a stage of an API) are not
 * here.
 */
const NAMES: Record<string, { property: string[]; within: 'world' | 'account' | 'region'; most?: number }> = {
  'AWS::S3::Bucket': { property: ['BucketName'], within: 'world', most: 63 },
  'AWS::IAM::Role': { property: ['RoleName'], within: 'account', most: 64 },
  'AWS::IAM::ManagedPolicy': { property: ['ManagedPolicyName'], within: 'account', most: 128 },
  'AWS::CloudWatch::Dashboard': { property: ['DashboardName'], within: 'account', most: 255 },
  'AWS::Budgets::Budget': { property: ['Budget', 'BudgetName'], within: 'account', most: 100 },
  'AWS::Lambda::Function': { property: ['FunctionName'], within: 'region', most: 64 },
  'AWS::Logs::LogGroup': { property: ['LogGroupName'], within: 'region', most: 512 },
  'AWS::Logs::QueryDefinition': { property: ['Name'], within: 'region', most: 255 },
  'AWS::DynamoDB::Table': { property: ['TableName'], within: 'region', most: 255 },
  'AWS::SQS::Queue': { property: ['QueueName'], within: 'region', most: 80 },
  'AWS::SNS::Topic': { property: ['TopicName'], within: 'region', most: 256 },
  'AWS::CloudWatch::Alarm': { property: ['AlarmName'], within: 'region', most: 255 },
  'AWS::CloudWatch::CompositeAlarm': { property: ['AlarmName'], within: 'region', most: 255 },
  'AWS::XRay::Group': { property: ['GroupName'], within: 'region', most: 32 },
  'AWS::KMS::Alias': { property: ['AliasName'], within: 'region', most: 256 },
  'AWS::Cognito::UserPool': { property: ['UserPoolName'], within: 'region', most: 128 },
  'AWS::Glue::Database': { property: ['DatabaseInput', 'Name'], within: 'region', most: 255 },
  'AWS::Athena::WorkGroup': { property: ['Name'], within: 'region', most: 128 },
  'AWS::ApiGateway::RestApi': { property: ['Name'], within: 'region' },
  'AWS::Events::Rule': { property: ['Name'], within: 'region', most: 64 },
};

/** As CloudFormation puts it together in this account. */
const text = (value: unknown, region: string): string => {
  const pseudo: Record<string, string> = { 'AWS::AccountId': ACCOUNT, 'AWS::Region': region };
  const known = (name: string) => {
    const found = pseudo[name];
    if (found === undefined) throw new Error(`a name is made of ${name}, which this test does not know`);
    return found;
  };
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  if (name === 'Ref') return known(argument as string);
  if (name === 'Fn::Sub') return (argument as string).replaceAll(/\$\{([^}]+)\}/g, (_, one) => known(one));
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => text(part, region)).join(separator);
  }
  throw new Error(`a name is made by ${name}, which this test does not know`);
};

type Named = { type: string; name: string; within: 'world' | 'account' | 'region'; most?: number };
const namesOf = ({ Resources }: Template, region: string): Named[] =>
  Object.values(Resources).flatMap(({ Type, Properties }) => {
    const known = NAMES[Type];
    const value = known?.property.reduce<unknown>((of, key) => (of as Record<string, unknown>)?.[key], Properties);
    return known && value !== undefined ? [{ type: Type, name: text(value, region), ...known }] : [];
  });

/** A template says no region, so one packaging per stage tells the names of every region. */
const deployed = async () => {
  const all: (Named & { stage: string; region: string })[] = [];
  for (const stage of STAGES)
    for (const service of SERVICES) {
      const { template } = await packageService(service, stage);
      for (const region of REGIONS) all.push(...namesOf(template, region).map((one) => ({ ...one, stage, region })));
    }
  return all;
};

describe('two stages in two regions of an account', () => {
  it('have no name in common where it would be the same thing', async () => {
    const all = await deployed();
    const keys = all.map(({ type, name, within, region }) => [type, name, within === 'region' ? region : ''].join(' '));
    expect(all.length).toBeGreaterThan(200);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    // A bucket's name is taken all over the world.
    for (const { name, stage, region } of all.filter(({ within }) => within === 'world'))
      expect(name).toBe(`granary-${ACCOUNT}-${region}-${stage}-data`);
  }, 900_000);

  it('are packaged for the region that is asked for, from one template', async () => {
    for (const stage of STAGES) {
      const [one, other] = await Promise.all(REGIONS.map((region) => packageService('storage', stage, region)));
      const regionOf = (folder: string) =>
        JSON.parse(readFileSync(join(folder, 'serverless-state.json'), 'utf8')).service.provider.region;
      expect([one!.folder, other!.folder].map(regionOf)).toEqual(REGIONS);
      expect(other!.template).toEqual(one!.template);
    }
    for (const service of SERVICES) {
      const { template } = await packageService(service, 'dev');
      // The account's bill is a metric of Virginia alone, wherever the stage is.
      const said = JSON.stringify(template).includes('us-east-1');
      expect({ service, said }).toEqual({ service, said: service === 'observability' });
    }
  }, 540_000);

  it('may be called by the longest names: nothing is longer than AWS takes', async () => {
    const stretched = (name: string) => name.replace(/(?<=[-_/])dev(?=[-_/]|$)/, LONGEST_STAGE);
    for (const service of SERVICES) {
      const { template } = await packageService(service, 'dev');
      for (const { type, name, most = 255 } of namesOf(template, REGIONS[1])) {
        // serverless-iam-roles-per-function leaves the suffix out where it does not fit.
        const longest = stretched(name).replace(type === 'AWS::IAM::Role' ? /-lambdaRole$/ : /$^/, '');
        expect(longest).toContain(LONGEST_STAGE);
        expect({ longest, fits: longest.length <= most }).toEqual({ longest, fits: true });
      }
    }
  }, 540_000);

  it('have no named resource of a type that this test does not know', async () => {
    const children =
      /^AWS::(ApiGateway::(Stage|Authorizer|Model|RequestValidator)|Cognito::UserPool(Client|Group)|Logs::LogStream)$/;
    for (const service of SERVICES) {
      const { template } = await packageService(service, 'dev');
      const unknown = Object.values(template.Resources)
        .filter(({ Type }) => NAMES[Type] === undefined && !children.test(Type))
        .filter(({ Type, Properties = {} }) => {
          const own = Type.split('::').at(-1);
          return ['Name', `${own}Name`].some((property) => property in Properties);
        });
      expect(unknown.map(({ Type }) => Type)).toEqual([]);
    }
  }, 540_000);
});
