import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

const require = createRequire(import.meta.url);
const Plugin = require('./plugin.cjs');

type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[] };
type Resources = Record<string, Resource>;

const RestApiId = { Ref: 'ApiGatewayRestApi' };
const FORMAT = '{"route":"$context.resourcePath"}';

/** What osls has compiled, under the id it draws anew each time. */
const compiled = (drawn: string, more: Resources = {}): Resources => ({
  ApiGatewayRestApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'granary-api-dev' } },
  ApiGatewayResourceV1: { Type: 'AWS::ApiGateway::Resource', Properties: { RestApiId, PathPart: 'v1' } },
  ApiGatewayMethodV1Get: { Type: 'AWS::ApiGateway::Method', Properties: { RestApiId, HttpMethod: 'GET' } },
  [drawn]: {
    Type: 'AWS::ApiGateway::Deployment',
    Properties: { RestApiId, StageName: 'dev' },
    DependsOn: ['ApiGatewayMethodV1Get'],
  },
  UsagePlan: { Type: 'AWS::ApiGateway::UsagePlan', DependsOn: drawn },
  Authorizer: { Type: 'AWS::ApiGateway::Authorizer', Properties: { RestApiId } },
  NoRoute: { Type: 'AWS::ApiGateway::GatewayResponse', Properties: { RestApiId, StatusCode: '404' } },
  Account: { Type: 'AWS::ApiGateway::Account' },
  ...more,
});

const provider = {
  logs: { restApi: { accessLogging: true, executionLogging: false, format: FORMAT } },
  tracing: { apiGateway: true },
  tags: { project: 'granary' },
};

const packaged = (Resources: Resources, settings: object = provider) => {
  const hooks: Record<string, { pluginName: string }[]> = {
    'after:deploy:deploy': [{ pluginName: 'AwsCompileApigEvents' }, { pluginName: 'Other' }],
  };
  const naming = {
    generateApiGatewayDeploymentLogicalId: (id: string) => `ApiGatewayDeployment${id}`,
    getApiGatewayLogGroupLogicalId: () => 'ApiGatewayLogGroup',
  };
  const plugin = new Plugin({
    configSchemaHandler: { defineCustomProperties: () => {} },
    pluginManager: { hooks },
    getProvider: () => ({ naming }),
    service: {
      provider: { ...settings, compiledCloudFormationTemplate: { Resources } },
      custom: {
        granaryStage: {
          throttlingRate: 50,
          throttlingBurst: 100,
          paths: [{ path: '/v1/query', methods: ['POST'], throttlingRate: 10, throttlingBurst: 20 }],
        },
      },
    },
  });
  plugin.hooks['after:aws:package:finalize:mergeCustomProviderResources']();
  const [id, deployment] = Object.entries(Resources).find(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment')!;
  return { id, deployment, stage: Resources.ApiGatewayStage!, Resources, hooks };
};

describe('the stage of the API', () => {
  it('is a resource with throttles, log, tracing and tags; the Deployment knows no stage', () => {
    const { id, deployment, stage } = packaged(compiled('ApiGatewayDeploymentdrawn1'));
    expect(deployment.Properties).toEqual({ RestApiId });
    const setting = { LoggingLevel: 'OFF', DataTraceEnabled: false, MetricsEnabled: false };
    expect(stage).toEqual({
      Type: 'AWS::ApiGateway::Stage',
      DependsOn: ['Account'],
      Properties: {
        RestApiId,
        StageName: 'dev',
        DeploymentId: { Ref: id },
        TracingEnabled: true,
        AccessLogSetting: {
          DestinationArn: {
            'Fn::Sub': 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${ApiGatewayLogGroup}',
          },
          Format: FORMAT,
        },
        MethodSettings: [
          { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, ...setting },
          {
            ...{ ResourcePath: '/~1v1~1query', HttpMethod: 'POST', ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
            ...setting,
          },
        ],
        Tags: [{ Key: 'project', Value: 'granary' }],
      },
    });
  });

  it('is deployed after all that the snapshot holds, and what waited for the Deployment waits for it', () => {
    const { deployment, Resources } = packaged(compiled('ApiGatewayDeploymentdrawn1'));
    expect(deployment.DependsOn).toEqual(['ApiGatewayMethodV1Get', 'Authorizer', 'NoRoute']);
    expect(Resources.UsagePlan!.DependsOn).toEqual(['ApiGatewayStage']);
    expect(JSON.stringify(Resources)).not.toContain('drawn1');
  });

  it('has metrics and whole requests in a log only where they are asked for by name', () => {
    const logs = (restApi: object) => ({ ...provider, logs: { restApi }, apiGateway: { metrics: true } });
    const settings = (restApi: object) =>
      packaged(compiled('ApiGatewayDeploymentdrawn1'), logs(restApi)).stage.Properties!.MethodSettings;
    expect(settings({ level: 'ERROR' })).toMatchObject([
      { LoggingLevel: 'ERROR', DataTraceEnabled: false, MetricsEnabled: true },
      { LoggingLevel: 'ERROR', DataTraceEnabled: false, MetricsEnabled: true },
    ]);
    expect(settings({ fullExecutionData: true })).toMatchObject([{ DataTraceEnabled: true }, {}]);
  });

  it('points at another Deployment when the API differs, and at the same one when it does not', () => {
    const once = packaged(compiled('ApiGatewayDeploymentdrawn1'));
    const again = packaged(compiled('ApiGatewayDeploymentdrawn2'));
    expect(again.id).toBe(once.id);
    const route = { Type: 'AWS::ApiGateway::Method', Properties: { RestApiId, HttpMethod: 'POST' } };
    const changed = packaged(compiled('ApiGatewayDeploymentdrawn3', { ApiGatewayMethodV1Post: route }));
    expect(changed.id).not.toBe(once.id);
    const { DeploymentId: _, ...before } = once.stage.Properties!;
    expect(changed.stage.Properties).toEqual({ ...before, DeploymentId: { Ref: changed.id } });
    const answer = { Type: 'AWS::ApiGateway::GatewayResponse', Properties: { RestApiId, StatusCode: '410' } };
    expect(packaged(compiled('ApiGatewayDeploymentdrawn4', { NoRoute: answer })).id).not.toBe(once.id);
  });

  it('is left alone by osls after a deploy', () => {
    const { hooks } = packaged(compiled('ApiGatewayDeploymentdrawn1'));
    expect(hooks['after:deploy:deploy']).toEqual([{ pluginName: 'Other' }]);
    // The name under which osls registers the calls that are taken out.
    const Events = require('serverless/lib/plugins/aws/package/compile/events/api-gateway/index.js');
    expect(Events.name).toBe('AwsCompileApigEvents');
  });
});
