/**
 * Throttles every method of the API's stage. osls makes the stage as a side effect of a Deployment whose logical id it draws at random, so a
 * resource of ours can neither be that stage nor refer to it; here the Deployment is found by its type and told.
 * Reads `custom.granaryStage: { throttlingRate, throttlingBurst }`. Does nothing but at packaging.
 */
class StageSettings {
  constructor(serverless) {
    serverless.configSchemaHandler.defineCustomProperties({
      type: 'object',
      properties: {
        granaryStage: {
          type: 'object',
          properties: { throttlingRate: { type: 'number' }, throttlingBurst: { type: 'number' } },
          required: ['throttlingRate', 'throttlingBurst'],
          additionalProperties: false,
        },
      },
    });
    this.hooks = {
      'before:package:finalize': () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        const { throttlingRate, throttlingBurst } = serverless.service.custom.granaryStage;
        for (const resource of Object.values(Resources)) {
          if (resource.Type !== 'AWS::ApiGateway::Deployment') continue;
          resource.Properties.StageDescription = {
            ThrottlingRateLimit: throttlingRate,
            ThrottlingBurstLimit: throttlingBurst,
          };
        }
      },
    };
  }
}

module.exports = StageSettings;
