/** The composition root of the API: the only file that reads the environment and knows which stores stand behind the ports. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { makeCognitoVerifier } from '@granary/runtime/http/verify-token';
import type { ApiSettings } from '@granary/runtime/settings';
import { type Capture, isTraced, uncaptured } from '@granary/runtime/tracing';
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { makeDynamoRunStore } from '@granary/stores/dynamo-run-store';
import { makeS3ObjectReader } from '@granary/stores/s3-object-reader';
import { makeKeptBodies } from './seed/kept-bodies.ts';

const KEPT_BODIES_BYTES = 64 * 2 ** 20;

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
};

const documents = (capture: Capture) =>
  DynamoDBDocumentClient.from(capture(new DynamoDBClient({})), { marshallOptions: { removeUndefinedValues: true } });

/** The pool's public keys are part of Cognito's endpoint: where the SDK's own variables move that, the keys are too. */
const jwksUri = (pool: string): string | undefined => {
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER || process.env.AWS_ENDPOINT_URL;
  return endpoint ? `${endpoint.replace(/\/$/, '')}/${pool}/.well-known/jwks.json` : undefined;
};

export const settings = (): ApiSettings => ({
  service: 'api',
  stage: need('STAGE'),
  log_level: process.env.LOG_LEVEL,
  tracing: isTraced(process.env),
  cors_origins: need('CORS_ORIGINS')
    .split(',')
    .map((origin) => origin.trim()),
  verify_token: makeCognitoVerifier({
    user_pool_id: need('USER_POOL_ID'),
    client_id: need('USER_POOL_CLIENT_ID'),
    jwks_uri: jwksUri(need('USER_POOL_ID')),
  }),
});

export const systemDeps = () => ({});

export const catalogDeps = (capture: Capture = uncaptured) => {
  const table = { client: documents(capture), table: need('CATALOG_TABLE') };
  return { catalog: makeDynamoCatalog(table), runs: makeDynamoRunStore(table) };
};

export const dataDeps = (capture: Capture = uncaptured) => ({
  catalog: makeDynamoCatalog({ client: documents(capture), table: need('CATALOG_TABLE') }),
  objects: makeS3ObjectReader({ client: capture(new S3Client({})), bucket: need('DATA_BUCKET') }),
  bodies: makeKeptBodies({ max_bytes: KEPT_BODIES_BYTES }),
});
