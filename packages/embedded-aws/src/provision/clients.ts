import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

export type Clients = {
  s3: S3Client;
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  cognito: CognitoIdentityProviderClient;
  kms: KMSClient;
  logs: CloudWatchLogsClient;
  cloudwatch: CloudWatchClient;
  glue: GlueClient;
  athena: AthenaClient;
};

/** Clients of the embedded AWS, or of whatever emulator `endpoint` is. */
export const makeClients = (endpoint: string, region: string): Clients => {
  const settings = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return {
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sqs: new SQSClient(settings),
    dynamodb: new DynamoDBClient(settings),
    cognito: new CognitoIdentityProviderClient(settings),
    kms: new KMSClient(settings),
    logs: new CloudWatchLogsClient(settings),
    cloudwatch: new CloudWatchClient(settings),
    glue: new GlueClient(settings),
    athena: new AthenaClient(settings),
  };
};
