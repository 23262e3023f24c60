import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { startAthena } from './athena/athena.ts';
import { type AlarmFacts, type CloudWatch, startCloudWatch } from './cloudwatch/cloudwatch.ts';
import { metricsOfLine } from './cloudwatch/emf.ts';
import type { Datum } from './cloudwatch/metric-store.ts';
import { makeQueueMetrics, queryMetrics, throttleMetrics } from './cloudwatch/own-metrics.ts';
import { startCognito } from './cognito/cognito.ts';
import { startDynamoDb } from './dynamodb/dynamodb.ts';
import { type Fauxqs, startFauxqs } from './fauxqs/fauxqs.ts';
import { isObjectForPages } from './fauxqs/s3-guard.ts';
import { makeFunctionLines } from './function-lines.ts';
import { startGlue } from './glue/glue.ts';
import { startKms } from './kms/kms.ts';
import type { InsightsEvent } from './logs/insights.ts';
import { startLogs } from './logs/logs.ts';
import { answerError, answerNotImplemented } from './not-implemented.ts';
import { type Hosts, refusedHost, refusedPage } from './refused-callers.ts';
import { routeOf } from './router.ts';
import { makeSts } from './sts.ts';
import { startXray } from './xray/xray.ts';

export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';

export type EmbeddedAws = {
  url: string;
  port: number;
  /** Takes what was measured beside it: by the gateway, and what functions wrote into their logs. */
  measured(data: readonly Datum[]): void;
  /** Takes what functions and the gateway wrote: queries of Logs Insights see it. */
  logged(group: string, events: readonly InsightsEvent[]): void;
  alarms(): AlarmFacts[];
  close(): Promise<void>;
};

/**
 * Browsers sign in at Cognito from any origin, with X-Amz-Target, which is not a simple header; nothing else may be
 * posted.
 */
const isCognitoPreflight = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' &&
  url === '/' &&
  headers['access-control-request-method'] === 'POST' &&
  /x-amz-target/i.test(String(headers['access-control-request-headers']));

/** What Cognito answers without AWS credentials, which no page in a browser has. */
const OPEN_COGNITO = new Set(
  (
    'InitiateAuth RespondToAuthChallenge RevokeToken GlobalSignOut GetUser ChangePassword ForgotPassword ConfirmForgotPassword ' +
    'UpdateUserAttributes VerifyUserAttribute GetUserAttributeVerificationCode AssociateSoftwareToken VerifySoftwareToken SetUserMFAPreference'
  ).split(' '),
);

/**
 * Signatures in headers are not checked here, so a page anywhere could send what only a holder of keys may: set a
 * password, drop a table, empty the bucket, decrypt. Browsers say where a page is from, and pages may do what they may
 * in the cloud: sign in, and read by a presigned URL what somebody may sign there.
 */
const isForPages = (request: IncomingMessage, service: string, operation: string | null): boolean =>
  service === 's3'
    ? ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '') &&
      /[?&]X-Amz-Signature=./.test(request.url ?? '') &&
      isObjectForPages(request)
    : service === 'cognito-idp' && OPEN_COGNITO.has(operation ?? '');

const measured = (cloudwatch: CloudWatch, data: readonly Datum[]): void => {
  for (const datum of data) cloudwatch.put(datum);
};

const JWKS = /^\/[\w-]+\/\.well-known\/jwks\.json$/;

/**
 * Starts S3, SQS, DynamoDB, Cognito, KMS, CloudWatch with its Logs, Glue, Athena, X-Ray and STS behind one port of
 * 127.0.0.1, with their state under `dir`. An unknown service or operation is answered 501 with its name, in the
 * caller's protocol. Rejects with Node's own error (`EADDRINUSE`, `EACCES`, `ENOSPC`) when it cannot listen or write.
 */
export const startEmbeddedAws = async (options: {
  port: number;
  dir: string;
  /** By which names it may be asked for, besides localhost. */
  hosts?: Hosts;
  /** Whether X-Ray's daemon listens, in UDP at the same port. */
  tracing?: boolean;
  /** How many times shorter the periods of alarms are than they say. */
  alarmSpeed?: number;
  onAlarm?: (alarm: AlarmFacts) => void;
  /** Told of failures inside an emulator, such as a full disk. */
  onFailure?: (error: Error) => void;
}): Promise<EmbeddedAws> => {
  const onFailure = options.onFailure ?? (() => undefined);
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) =>
    answerError(response, 'json', {
      status: 503,
      code: 'ServiceUnavailable',
      message: 'The embedded AWS is starting.',
    });
  const server = createServer({ keepAliveTimeout: 65_000 }, async (request, response) => {
    response.on('error', () => response.destroy());
    try {
      await handle(request, response);
    } catch (error) {
      // A request that cannot be read, such as `/%ff` or one whose sender went away, ends itself and nobody else.
      const { message } = error as Error;
      if (response.headersSent) response.destroy();
      else answerError(response, 'json', { status: 400, code: 'InvalidRequest', message });
    }
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;

  const identity = { accountId: ACCOUNT_ID, region: REGION };
  const openOwn = () => {
    mkdirSync(options.dir, { recursive: true });
    const kms = startKms({ ...identity, dir: join(options.dir, 'kms'), onFailure });
    const queueMetrics = makeQueueMetrics();
    const cloudwatch = startCloudWatch({
      ...{ ...identity, dir: join(options.dir, 'cloudwatch'), onFailure },
      ...{ speed: options.alarmSpeed, onAlarm: options.onAlarm },
      measure: (put) => queueMetrics(queues(), Date.now()).forEach(put),
    });
    const logs = startLogs({
      ...{ ...identity, dir: join(options.dir, 'logs'), lines, onFailure },
      onEvents: (messages) => measured(cloudwatch, messages.flatMap(metricsOfLine)),
    });
    const glue = startGlue({ accountId: ACCOUNT_ID, dir: join(options.dir, 'glue'), onFailure });
    const athena = startAthena({
      dir: join(options.dir, 'athena'),
      endpoint: url,
      region: REGION,
      tables: glue.tables,
      onFailure,
      onEnd: (query) => measured(cloudwatch, queryMetrics(query)),
    });
    return { kms, logs, glue, athena, cloudwatch };
  };
  const xray = startXray(onFailure);
  let queues: Fauxqs['queues'] = () => [];
  const lines = makeFunctionLines();
  let own: ReturnType<typeof openOwn>;
  try {
    own = openOwn();
    if (options.tracing) await xray.listen(port);
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  const { kms, logs, glue, athena, cloudwatch } = own;
  const [fauxqs, dynamodb, cognito] = await Promise.all([
    startFauxqs({ ...identity, dir: join(options.dir, 's3-sqs'), endpoint: url, onFailure }),
    startDynamoDb(join(options.dir, 'dynamodb'), (throttled) =>
      measured(own.cloudwatch, throttleMetrics(throttled, Date.now())),
    ),
    startCognito({ ...identity, dir: join(options.dir, 'cognito') }),
  ]);
  queues = fauxqs.queues;
  const sts = makeSts(ACCOUNT_ID);

  handle = async (request, response) => {
    const path = request.url ?? '/';
    const { service, operation, protocol, signed } = routeOf({ url: path, headers: request.headers });
    const strange = refusedHost(request, options.hosts);
    if (strange) return answerError(response, protocol, strange);
    if (request.method === 'GET' && JWKS.test(path)) {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(cognito.jwks()));
    }
    if (isCognitoPreflight(request)) {
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': request.headers['access-control-request-headers'],
        'access-control-max-age': '3600',
      });
      return response.end();
    }
    const page = refusedPage(request);
    if (page && !isForPages(request, service, operation)) return answerError(response, protocol, page);
    if (service === 's3') return fauxqs.s3(request, response, signed);
    if (service === 'sqs') return fauxqs.sqs(request, response, operation);
    if (service === 'dynamodb') return dynamodb.handle(request, response, operation);
    if (service === 'cognito-idp') return cognito.handle(request, response, operation);
    if (service === 'kms') return kms(request, response);
    if (service === 'logs') return logs(request, response);
    if (service === 'monitoring') return cloudwatch.handle(request, response);
    if (service === 'glue') return glue.handle(request, response);
    if (service === 'athena') return athena.handle(request, response);
    if (service === 'xray') return xray.handle(request, response);
    if (service === 'sts') return sts(request, response);
    return answerNotImplemented(response, protocol, [service, operation ?? `${request.method} ${path}`].join(' '));
  };

  return {
    url,
    port,
    measured: (data) => measured(cloudwatch, data),
    logged: lines.put,
    alarms: () => cloudwatch.alarms(),
    async close() {
      server.close();
      server.closeAllConnections();
      await athena.close();
      cloudwatch.close();
      await Promise.all([fauxqs.close(), dynamodb.close(), xray.close()]);
    },
  };
};
