import { GetAccountCommand, GetStageCommand } from '@aws-sdk/client-api-gateway';
import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { type AdoptOptions, asDeployed } from './adopt.ts';
import { createStack, type Import, importResources } from './import-resources.ts';
import type { Packaged } from './package-service.ts';
import type { Service } from './services.ts';
import { findStack, lastTemplateOf, resourcesOf, templateOf } from './stacks.ts';

/** Logical ids in services/api. */
const [ROLE, STAGE] = ['ApiGatewayLogsRole', 'ApiGatewayStage'];

/** The role that API Gateway writes logs with, where it is one that the API's stack of this stage made. */
export const findLogsRole = async ({ clients }: Account, stackName: string): Promise<string | undefined> => {
  const { cloudwatchRoleArn } = await clients.gateway.send(new GetAccountCommand({}));
  const name = cloudwatchRoleArn?.split('/').at(-1);
  return name?.startsWith(`${stackName}-${ROLE}-`) ? name : undefined;
};

/**
 * What the API's stack takes over: the role for logs, which stays when the stack goes, and the stage, where a
 * deployment of an earlier Granary made it: the stack would try to make it a second time.
 */
export const adoptApi = async (
  account: Account,
  service: Service,
  { core, template }: Packaged,
  { say }: AdoptOptions,
): Promise<void> => {
  const stackName = `${service.stack}-${account.stage}`;
  const stack = await findStack(account, stackName);
  const owned = stack ? await resourcesOf(account, stackName) : [];
  const role = owned.some(({ LogicalResourceId }) => LogicalResourceId === ROLE)
    ? undefined
    : await findLogsRole(account, stackName);
  const stage = await findStage(account, owned);
  if (role === undefined && stage === undefined) return;

  const imports: Import[] = [];
  if (role !== undefined) {
    say(`${stackName} takes over the role ${role}, with which API Gateway writes logs.`);
    const last = stack === undefined ? await lastTemplateOf(account, stackName) : undefined;
    const resource = template.Resources[ROLE]!;
    imports.push(...asDeployed([{ id: ROLE, resource, identifier: { RoleName: role } }], last));
  }
  if (stage !== undefined) {
    say(`The stage of the API was made by its deployment; ${stackName} takes it over as it is.`);
    imports.push(stage);
  }
  if (stack === undefined) await createStack(account, stackName, core);
  await importResources(account, stackName, await templateOf(account, stackName), imports);
};

/** The stage of an API that the stack owns, where it does not own the stage. */
const findStage = async (
  { clients, stage }: Account,
  owned: readonly StackResourceSummary[],
): Promise<Import | undefined> => {
  const ofType = (type: string) => owned.find(({ ResourceType }) => ResourceType === `AWS::ApiGateway::${type}`);
  const [api, deployment] = [ofType('RestApi'), ofType('Deployment')];
  if (api === undefined || deployment === undefined || ofType('Stage') !== undefined) return undefined;
  const restApiId = api.PhysicalResourceId!;
  try {
    await clients.gateway.send(new GetStageCommand({ restApiId, stageName: stage }));
  } catch (error) {
    if ((error as Error).name === 'NotFoundException') return undefined;
    throw error;
  }
  // As it is: what it shows now, and nothing that CloudFormation has set. All else is the update's to set.
  const Properties = {
    RestApiId: { Ref: api.LogicalResourceId! },
    StageName: stage,
    DeploymentId: { Ref: deployment.LogicalResourceId! },
  };
  const resource = { Type: 'AWS::ApiGateway::Stage', Properties };
  return { id: STAGE, resource, identifier: { RestApiId: restApiId, StageName: stage } };
};
