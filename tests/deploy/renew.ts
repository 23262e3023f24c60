import { randomUUID } from 'node:crypto';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { Cloud } from './cloud.ts';

/** New containers of a function, as a deployment brings them: they have kept nothing. */
export const renew = async ({ clients: { lambda } }: Pick<Cloud, 'clients'>, FunctionName: string): Promise<void> => {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, VERIFY: randomUUID() };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
};

/** `granary-api-dev-records-us-east-1-lambdaRole` is of `granary-api-dev-records`. */
export const functionOfRole = (role: string): string | undefined =>
  /^(.+?)-[a-z]+-[a-z]+-\d-lambdaRole$/.exec(role)?.[1];
