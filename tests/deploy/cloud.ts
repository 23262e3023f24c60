/** The account that a stage is deployed to, as its administrator sees it, and the stage's API, as its users do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { signIn } from '@granary/admin/sign-in';
import type { Ministack } from '../ministack/ministack.ts';

export type Person = 'reader' | 'analyst' | 'operator';
const GROUPS: Record<Person, string> = { reader: 'readers', analyst: 'analysts', operator: 'operators' };
const PASSWORD = 'Deployed-stage-1!';

// biome-ignore lint/suspicious/noExplicitAny: the steps assert what the answers hold.
type Json = any;
export type Asked = { method?: string; as?: Person | null; body?: unknown; headers?: Record<string, string> };

export const makeCloud = (ministack: Ministack, stage: string) => {
  const options = {
    endpoint: ministack.endpoint,
    region: ministack.region,
    credentials: { accessKeyId: ministack.account, secretAccessKey: 'test' },
  };
  const clients = {
    formation: new CloudFormationClient(options),
    events: new EventBridgeClient(options),
    gateway: new APIGatewayClient(options),
    dynamo: new DynamoDBClient(options),
    kms: new KMSClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    cognito: new CognitoIdentityProviderClient(options),
    glue: new GlueClient(options),
    iam: new IAMClient(options),
    lambda: new LambdaClient(options),
    logs: new CloudWatchLogsClient(options),
    sqs: new SQSClient(options),
    sts: new STSClient(options),
  };

  let brokenOff: AbortSignal | undefined;
  let pool: { id: string; client: string } | undefined;
  const tokens = new Map<Person, Promise<string>>();

  /**
   * The stage's address, and a person of each group who can sign in. Again after each deployment that may have made
   * them anew.
   */
  const meet = async (): Promise<void> => {
    const { UserPools } = await clients.cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
    const id = UserPools?.find(({ Name }) => Name === `granary-${stage}`)?.Id;
    if (!id) throw new Error(`There is no user pool granary-${stage}.`);
    const { UserPoolClients } = await clients.cognito.send(new ListUserPoolClientsCommand({ UserPoolId: id }));
    pool = { id, client: UserPoolClients?.[0]?.ClientId as string };
    for (const person of Object.keys(GROUPS) as Person[]) await makePerson(pool.id, person);
    tokens.clear();
  };
  const makePerson = async (UserPoolId: string, person: Person): Promise<void> => {
    const Username = person;
    await clients.cognito
      .send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }))
      .catch((error: Error) => {
        if (error.name !== 'UsernameExistsException') throw error;
      });
    await clients.cognito.send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }),
    );
    await clients.cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: GROUPS[person] }));
    // Every example of the API is called with one token.
    if (person === 'operator')
      await clients.cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: 'analysts' }));
  };
  const token = (person: Person): Promise<string> => {
    if (!pool) throw new Error('Nobody has met the stage yet.');
    const known = tokens.get(person);
    if (known) return known;
    const place = { userPoolId: pool.id, clientId: pool.client, endpoint: ministack.endpoint };
    const unasked = async () => {
      throw new Error('Cognito asked for more than the password.');
    };
    const questions = { newPassword: unasked, code: unasked };
    const fresh = signIn({ place, username: person, password: PASSWORD, questions }).then(({ idToken }) => idToken);
    tokens.set(person, fresh);
    return fresh;
  };

  /** What a step does is then its own doing; steps invoke what schedules would. */
  const stopSchedules = async (): Promise<void> => {
    const { Rules = [] } = await clients.events.send(new ListRulesCommand({ NamePrefix: 'granary-' }));
    for (const { Name } of Rules) await clients.events.send(new DisableRuleCommand({ Name }));
  };

  const apiId = async (): Promise<string> => {
    const { items } = await clients.gateway.send(new GetRestApisCommand({ limit: 500 }));
    const found = items?.filter(({ name }) => name === `granary-api-${stage}`) ?? [];
    if (found.length !== 1) throw new Error(`There are ${found.length} APIs granary-api-${stage} instead of one.`);
    return found[0]!.id as string;
  };
  let address: string | undefined;
  const api = async (): Promise<string> => {
    address ??= `${ministack.endpoint}/restapis/${await apiId()}/${stage}/_user_request_`;
    return address;
  };

  const ask = async (path: string, asked: Asked = {}): Promise<Response> => {
    brokenOff?.throwIfAborted();
    const { as: person = 'operator', body, headers, method = body === undefined ? 'GET' : 'POST' } = asked;
    return fetch((await api()) + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(person && { authorization: `Bearer ${await token(person)}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const json = async <T = Json>(path: string, asked: Asked = {}): Promise<T> => {
    const answer = await ask(path, asked);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${asked.method ?? ''} ${path} → ${answer.status}: ${text.slice(0, 600)}`);
    return JSON.parse(text) as T;
  };

  const invoke = async (service: string, id: string, input: unknown): Promise<Json> => {
    brokenOff?.throwIfAborted();
    const FunctionName = `granary-${service}-${stage}-${id}`;
    const answer = await clients.lambda.send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(input)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError) throw new Error(`${FunctionName} failed: ${text.slice(0, 600)}`);
    return text ? JSON.parse(text) : undefined;
  };

  const queue = async (name: string): Promise<string> =>
    (await clients.sqs.send(new GetQueueUrlCommand({ QueueName: `granary-${stage}-${name}` }))).QueueUrl as string;

  return {
    ...{ stage, region: ministack.region, account: ministack.account, ministack, clients },
    ...{ meet, stopSchedules, token, ask, json, invoke, queue, apiId },
    get bucket() {
      return `granary-${ministack.account}-${ministack.region}-${stage}-data`;
    },
    /** What asks the API or a function from now on fails once that is aborted; undefined: nothing does. */
    breakOffBy: (signal: AbortSignal | undefined) => {
      brokenOff = signal;
    },
    /** Of the API, which another deployment may have made anew. */
    forget: () => {
      address = undefined;
    },
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
export type Cloud = ReturnType<typeof makeCloud>;

/** Asks until it is so, or says what was answered last. */
export const until = async <T>(ask: () => Promise<T>, so: (value: T) => boolean, limit_ms = 60_000): Promise<T> => {
  const limit = Date.now() + limit_ms;
  for (;;) {
    const value = await ask();
    if (so(value)) return value;
    if (Date.now() > limit)
      throw new Error(`still not so after ${limit_ms / 1000} s: ${JSON.stringify(value)?.slice(0, 1500)}`);
    await sleep(300);
  }
};
