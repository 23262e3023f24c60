/**
 * Throttles every method of the API's stage. osls makes the stage as a side effect of a Deployment whose logical id it draws at random, so a
 * resource of ours can neither be that stage nor refer to it; here the Deployment is found by its type and told.
 * Reads `custom.granaryStage: { throttlingRate, throttlingBurst, paths: [{ path, methods, throttlingRate, throttlingBurst }] }`; the
 * `methods` of `paths` have limits of their own. Does nothing but at packaging.
 */
const limits = { throttlingRate: { type: 'number' }, throttlingBurst: { type: 'number' } };
const required = ['throttlingRate', 'throttlingBurst'];
const settings = ({ throttlingRate, throttlingBurst }) => ({
  ThrottlingRateLimit: throttlingRate,
  ThrottlingBurstLimit: throttlingBurst,
});
/** As a stage names a path: slashes are `~1` but for the first, which is before them. */
const encoded = (path) => `/${path.replaceAll('/', '~1')}`;

class StageSettings {
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
    this.hooks = {
      'before:package:finalize': () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        const { paths = [], ...all } = serverless.service.custom.granaryStage;
        for (const resource of Object.values(Resources)) {
          if (resource.Type !== 'AWS::ApiGateway::Deployment') continue;
          resource.Properties.StageDescription = {
            ...settings(all),
            MethodSettings: paths.flatMap(({ path, methods, ...own }) =>
              methods.map((method) => ({ ResourcePath: encoded(path), HttpMethod: method, ...settings(own) })),
            ),
          };
        }
      },
    };
  }
}

module.exports = StageSettings;
