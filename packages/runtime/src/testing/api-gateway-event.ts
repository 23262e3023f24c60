import type { APIGatewayProxyEvent } from 'aws-lambda';

export type EventOptions = {
  method?: string;
  /** Path with its query, as a client writes it. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** As API Gateway fills them in; those of the router are used when absent. */
  path_parameters?: Readonly<Record<string, string>>;
  body?: string;
  request_id?: string;
};

/** An event as API Gateway's REST proxy integration sends it, for tests and benchmarks. */
export const apiGatewayEvent = (options: EventOptions): APIGatewayProxyEvent => {
  const { method = 'GET', path, headers = {}, path_parameters, body, request_id = REQUEST_ID } = options;
  const { pathname, searchParams } = new URL(path, 'http://api.test');
  const names = [...new Set(searchParams.keys())];
  const query = names.length > 0 ? Object.fromEntries(searchParams) : null;
  const multi = names.length > 0 ? Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)])) : null;
  return {
    resource: pathname,
    path: decodeURIComponent(pathname),
    httpMethod: method,
    headers: { ...headers },
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query,
    multiValueQueryStringParameters: multi,
    pathParameters: path_parameters ? { ...path_parameters } : null,
    stageVariables: null,
    body: body ?? null,
    isBase64Encoded: false,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      authorizer: undefined,
      protocol: 'HTTP/1.1',
      httpMethod: method,
      identity: {} as APIGatewayProxyEvent['requestContext']['identity'],
      path: `/dev${pathname}`,
      stage: 'dev',
      requestId: request_id,
      requestTimeEpoch: 1_700_000_000_000,
      resourceId: 'abc123',
      resourcePath: pathname,
    },
  };
};

export const REQUEST_ID = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
