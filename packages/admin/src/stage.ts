import { readLocalStack } from '@granary/local/state';
import { askAws } from './aws-words.ts';
import { targetOf } from './target.ts';
import { UserError } from './user-error.ts';

/** A stage that runs, deployed or on this machine: where its users are, and how AWS is asked about it. */
export type Stage = {
  name: string;
  region: string;
  userPoolId: string;
  clientId: string;
  /** Undefined: the region's own. */
  endpoint?: string;
  /** Undefined: as the AWS CLI finds them. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

/** What the AWS clients of a stage are made with. */
export const clientSettings = ({ region, endpoint, credentials }: Stage) => ({
  region,
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials && { credentials }),
});

const localStage = (): Stage => {
  const stack = readLocalStack();
  if (!stack?.running) {
    throw new UserError(
      'Granary is not running on this machine: start it with `npm start`, or name a deployed stage, as --stage dev.',
    );
  }
  const { region, userPoolId, clientId, awsEndpoint: endpoint } = stack;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { name: 'local', region, userPoolId, clientId, endpoint, credentials };
};

/** The outputs of a deployed stack. Throws a UserError when there is no such stack. */
export const stackOutputs = async (service: string, stage: string, region: string): Promise<Record<string, string>> => {
  const StackName = `granary-${service}-${stage}`;
  // It takes a quarter of a second to load, which the stage of this machine does without.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await askAws(region, () => client.send(new DescribeStacksCommand({ StackName })));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  } catch (error) {
    if (!/does not exist/.test((error as Error).message)) throw error;
    throw new UserError(
      `There is no stage '${stage}' in ${region} (AWS has no stack ${StackName} there). ` +
        `Another region is named by --region; \`npm run deploy -- --stage ${stage} --region ${region}\` makes it.`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
};

const deployedStage = async (name: string, region: string): Promise<Stage> => {
  const { UserPoolId, UserPoolClientId } = await stackOutputs('storage', name, region);
  if (!UserPoolId || !UserPoolClientId) {
    throw new UserError(
      `The stack granary-storage-${name} in ${region} tells no user pool: its deployment did not end well. Run \`npm run deploy -- --stage ${name}\` again.`,
    );
  }
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER || process.env.AWS_ENDPOINT_URL;
  return { name, region, userPoolId: UserPoolId, clientId: UserPoolClientId, ...(endpoint && { endpoint }) };
};

/** The stage and region that `npm run deploy` would deploy to. */
const deployedTarget = (options: { stage: string; region?: string }) => {
  try {
    return targetOf(options, process.env);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
};

/**
 * Finds a stage: `local` is the stack of `npm start`, any other one is looked up in CloudFormation. Throws a UserError.
 */
export const findStage = async (options: { stage?: string; region?: string } = {}): Promise<Stage> => {
  const { stage = 'local', region } = options;
  if (stage === 'local') return localStage();
  const target = deployedTarget({ stage, ...(region !== undefined && { region }) });
  return deployedStage(target.stage, target.region);
};
