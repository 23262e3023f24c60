import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { POOL_ID_TAG } from '@granary/embedded-aws/cognito/cognito';
import { startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { ensureDemoUsers } from '@granary/local/demo-users';
import { writeLocalStack } from '@granary/local/state';
import type { Stage } from '../stage.ts';

const UserPoolId = 'us-east-1_LocalPool';

/**
 * An embedded AWS with a user pool as services/storage/resources/user-pool.yml has it for prod, and what `npm start`
 * writes down about it.
 */
export const startPool = async () => {
  const state = mkdtempSync(join(tmpdir(), 'granary-admin-'));
  const aws = await startEmbeddedAws({ port: 0, dir: join(state, 'aws') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const cognito = new CognitoIdentityProviderClient({ endpoint: aws.url, region: 'us-east-1', credentials });
  const PasswordPolicy = {
    MinimumLength: 12,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
    TemporaryPasswordValidityDays: 3,
  };
  await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'granary-local',
      UserPoolTags: { [POOL_ID_TAG]: UserPoolId },
      AliasAttributes: ['email'],
      Policies: { PasswordPolicy },
    }),
  );
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'granary-local-web',
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  for (const GroupName of ['readers', 'analysts', 'operators']) {
    await cognito.send(new CreateGroupCommand({ UserPoolId, GroupName }));
  }
  cognito.destroy();
  const clientId = UserPoolClient!.ClientId!;
  const users = await ensureDemoUsers({ endpoint: aws.url, region: 'us-east-1', userPoolId: UserPoolId });
  writeLocalStack(
    {
      running: true,
      api: 'http://localhost:1',
      dashboard: 'http://localhost:1',
      awsEndpoint: aws.url,
      region: 'us-east-1',
      userPoolId: UserPoolId,
      clientId,
      users,
      lambdaKey: '',
      pids: {},
    },
    state,
  );
  const stage: Stage = {
    name: 'local',
    region: 'us-east-1',
    userPoolId: UserPoolId,
    clientId,
    endpoint: aws.url,
    credentials,
  };
  const close = async () => {
    await aws.close();
    rmSync(state, { recursive: true, force: true });
  };
  return { state, stage, url: aws.url, close };
};

/**
 * The same AWS with the one answer of CloudFormation that finds a stage: the outputs of granary-storage-prod. (What
 * CloudFormation itself says of a deployed stage is tested by `npm run verify:deploy`.)
 */
export const startDeployed = async (pool: { url: string; stage: Stage }) => {
  const output = (key: string, value: string) =>
    `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`;
  const outputs = `${output('UserPoolId', pool.stage.userPoolId)}${output('UserPoolClientId', pool.stage.clientId)}`;
  const answers = (name: string) =>
    name === 'granary-storage-prod'
      ? `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
      : `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked);
    const StackName = new URLSearchParams(body.toString()).get('StackName');
    if (/cloudformation/.test(asked.headers.authorization ?? '') && StackName !== null) {
      answer.writeHead(StackName === 'granary-storage-prod' ? 200 : 400, { 'content-type': 'text/xml' });
      answer.end(answers(StackName));
      return;
    }
    const { method, headers } = asked;
    const onward = request(new URL(asked.url ?? '/', pool.url), { method, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 500, given.headers);
      given.pipe(answer);
    });
    onward.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
