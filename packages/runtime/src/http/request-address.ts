import type { APIGatewayProxyEvent } from 'aws-lambda';

type Addressed = Pick<APIGatewayProxyEvent, 'path' | 'requestContext'> & {
  headers: Readonly<Record<string, string | undefined>>;
};

/**
 * What stands before the paths of this API: `/dev` at API Gateway's own host name, which only `requestContext.path`
 * has; nothing at a domain of one's own.
 */
export const stageOf = ({ path, requestContext }: Pick<Addressed, 'path' | 'requestContext'>): string => {
  const full = requestContext?.path ?? path;
  return full.endsWith(path) ? full.slice(0, full.length - path.length) : '';
};

/** Where the client reached this API: `https://api.example/dev`. Header names are in lower case. */
export const addressOf = ({ headers, ...event }: Addressed): string =>
  `${headers['x-forwarded-proto'] ?? 'https'}://${headers.host ?? event.requestContext?.domainName ?? 'localhost'}${stageOf(event)}`;
