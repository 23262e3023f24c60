/**
 * Gives the API a stage of its own in the template: throttles of every method, access log, tracing, tags. osls leaves
 * the stage to a side effect of its Deployment and mends it by calls after each deploy. That fails as soon as the
 * Deployment has anything to say of a stage that is there. Here one resource says everything; osls's calls go.
 *
 * A Deployment is a snapshot of the API. So it comes after all that it holds, and its logical id is drawn from that,
 * not at random: another API has another Deployment, and a deploy without a change of the API changes nothing of it.
 *
 * Reads `custom.granaryStage: { throttlingRate, throttlingBurst, paths: [{ path, methods, throttlingRate,
 * throttlingBurst }] }`; the `methods` of `paths` have limits of their own. The rest is where osls looks:
 * `provider.logs.restApi`, `provider.tracing.apiGateway`, `provider.apiGateway.metrics`, `provider.tags`.
 * Acts at packaging only.
 */
const { createHash } = require('node:crypto');

const STAGE = 'ApiGatewayStage';
const limits = { throttlingRate: { type: 'number' }, throttlingBurst: { type: 'number' } };
const required = ['throttlingRate', 'throttlingBurst'];

/** As a stage names a path: slashes are `~1` but for the first, which is before them. */
const encoded = (path) => `/${path.replaceAll('/', '~1')}`;

/** Each says all of it: what a method's own setting leaves out is API Gateway's default, not the stage's. */
const methodSettings = ({ paths = [], ...all }, { logs, apiGateway }) => {
  const executed = Boolean(logs) && logs.executionLogging !== false;
  const setting = (ResourcePath, HttpMethod, { throttlingRate, throttlingBurst }) => ({
    ResourcePath,
    HttpMethod,
    ThrottlingRateLimit: throttlingRate,
    ThrottlingBurstLimit: throttlingBurst,
    LoggingLevel: executed ? (logs.level ?? 'INFO') : 'OFF',
    // Whole requests and answers in a log: tokens and personal data. Only ever by its own word.
    DataTraceEnabled: executed && logs.fullExecutionData === true,
    MetricsEnabled: apiGateway?.metrics === true,
  });
  return [
    setting('/*', '*', all),
    ...paths.flatMap(({ path, methods, ...own }) => methods.map((method) => setting(encoded(path), method, own))),
  ];
};

/** Where osls has the access log's group, without the `:*` that its ARN attribute ends in. */
const accessLog = ({ logs }, logGroup) =>
  logs && logs.accessLogging !== false
    ? {
        AccessLogSetting: {
          DestinationArn: {
            'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${${logGroup}}`,
          },
          ...(logs.format ? { Format: logs.format } : {}),
        },
      }
    : {};

/** The same for the same API, whatever order its resources come in. */
const snapshotId = (resources) => {
  const sorted = (value) =>
    value === null || typeof value !== 'object'
      ? value
      : Array.isArray(value)
        ? value.map(sorted)
        : Object.fromEntries(
            Object.keys(value)
              .sort()
              .map((key) => [key, sorted(value[key])]),
          );
  return createHash('sha256').update(JSON.stringify(sorted(resources))).digest('hex').slice(0, 16);
};

/** Puts the stage into the template's `Resources`, which it changes. */
const withStage = (Resources, { naming, stageProperties }) => {
  const named = (pattern) => Object.keys(Resources).filter((id) => pattern.test(Resources[id].Type));
  const [drawn, another] = named(/^AWS::ApiGateway::Deployment$/);
  if (drawn === undefined || another !== undefined)
    throw new Error('serverless-granary-stage expects one AWS::ApiGateway::Deployment in the template.');
  const parts = named(
    /^AWS::ApiGateway::(RestApi|Resource|Method|Model|RequestValidator|Authorizer|GatewayResponse)$/,
  ).sort();

  const { [drawn]: deployment } = Resources;
  delete Resources[drawn];
  const { StageName, RestApiId, ...properties } = deployment.Properties;
  const own = Object.fromEntries(parts.map((id) => [id, Resources[id]]));
  const id = naming(snapshotId({ own, properties }));
  // Usage plans and keys wait for the Deployment since it made the stage; now they wait for the stage.
  for (const resource of Object.values(Resources)) {
    const after = [resource.DependsOn ?? []].flat();
    if (after.includes(drawn)) resource.DependsOn = after.map((one) => (one === drawn ? STAGE : one));
  }
  Resources[id] = {
    ...deployment,
    Properties: { RestApiId, ...properties },
    DependsOn: parts.filter((part) => !/^AWS::ApiGateway::(RestApi|Resource)$/.test(Resources[part].Type)),
  };
  Resources[STAGE] = {
    Type: 'AWS::ApiGateway::Stage',
    // API Gateway takes no log before the account has a role to write it with.
    DependsOn: named(/^AWS::ApiGateway::Account$/),
    Properties: { RestApiId, StageName, DeploymentId: { Ref: id }, ...stageProperties },
  };
};

class Stage {
  constructor(serverless) {
    serverless.configSchemaHandler.defineCustomProperties({
      type: 'object',
      properties: {
        granaryStage: {
          type: 'object',
          properties: {
            ...limits,
            paths: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  path: { type: 'string', pattern: '^/' },
                  methods: { type: 'array', items: { type: 'string' }, minItems: 1 },
                  ...limits,
                },
                required: ['path', 'methods', ...required],
                additionalProperties: false,
              },
            },
          },
          required,
          additionalProperties: false,
        },
      },
    });
    // osls patches log, tracing and tags of the stage by calls of its own, which would take off the stack's tags.
    const { hooks } = serverless.pluginManager;
    const after = 'after:deploy:deploy';
    hooks[after] = (hooks[after] ?? []).filter(({ pluginName }) => pluginName !== 'AwsCompileApigEvents');

    this.hooks = {
      // From here on the template has the service's own `resources`: authorizers and gateway responses.
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { provider, custom } = serverless.service;
        const { naming } = serverless.getProvider('aws');
        const settings = { logs: provider.logs?.restApi, apiGateway: provider.apiGateway };
        withStage(provider.compiledCloudFormationTemplate.Resources, {
          naming: (hash) => naming.generateApiGatewayDeploymentLogicalId(hash),
          stageProperties: {
            TracingEnabled: provider.tracing?.apiGateway === true,
            ...accessLog(settings, naming.getApiGatewayLogGroupLogicalId()),
            MethodSettings: methodSettings(custom.granaryStage, settings),
            Tags: Object.entries({ ...provider.stackTags, ...provider.tags }).map(([Key, Value]) => ({ Key, Value })),
          },
        });
      },
    };
  }
}

module.exports = Stage;
