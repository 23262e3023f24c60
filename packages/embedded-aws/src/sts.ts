import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { answerNotImplemented } from './not-implemented.ts';

/** STS as far as tools ask it who they are (`${aws:accountId}`, `aws sts get-caller-identity`). */
export const makeSts =
  (accountId: string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const action = new URLSearchParams(await text(request)).get('Action');
    if (action !== 'GetCallerIdentity') return answerNotImplemented(response, 'query-xml', `STS ${action}`);
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
        `<Arn>arn:aws:iam::${accountId}:root</Arn><UserId>${accountId}</UserId><Account>${accountId}</Account>` +
        `</GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    );
  };
