import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Target } from '@granary/admin/target';

/**
 * The account that the shell's credentials are of, and what is asked of it. Everything goes where AWS_ENDPOINT_URL
 * says.
 */
export type Account = Target & { id: string; partition: string; clients: Clients; close(): void };
export type Clients = ReturnType<typeof makeClients>;

const makeClients = (region: string) => ({
  formation: new CloudFormationClient({ region }),
  gateway: new APIGatewayClient({ region }),
  cognito: new CognitoIdentityProviderClient({ region }),
  dynamodb: new DynamoDBClient({ region }),
  kms: new KMSClient({ region }),
  s3: new S3Client({ region }),
  sts: new STSClient({ region }),
});

/** Throws an Error for the user when there are no credentials, or none that hold. */
export const openAccount = async (target: Target): Promise<Account> => {
  const clients = makeClients(target.region);
  const close = () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  try {
    const { Account: id = '', Arn = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
    return { ...target, id, partition: Arn.split(':')[1] ?? 'aws', clients, close };
  } catch (error) {
    close();
    throw new Error(
      `AWS does not say whose account this is: ${(error as Error).message}. Sign in as for the AWS CLI (AWS_PROFILE, aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and try again.`,
    );
  }
};
