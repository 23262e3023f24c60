import type { ServerResponse } from 'node:http';

/** How a caller expects its errors to be written. */
export type Protocol = 'json' | 's3-xml' | 'query-xml';

export const escapeXml = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Answers an error in the caller's protocol; `code` is what an SDK shows as the error's name. */
export const answerError = (
  response: ServerResponse,
  protocol: Protocol,
  error: { status: number; code: string; message: string },
): void => {
  const { status, code, message } = error;
  if (protocol === 'json') {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code });
    response.end(JSON.stringify({ __type: code, message, Message: message }));
    return;
  }
  const body = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>${
      protocol === 's3-xml'
        ? `<Error>${body}</Error>`
        : `<ErrorResponse><Error><Type>Sender</Type>${body}</Error><RequestId>local</RequestId></ErrorResponse>`
    }`,
  );
};

/**
 * Answers 501 with the name of what was asked. The embedded AWS never pretends to have done something: a feature that
 * works here by silence would fail in the cloud, or the other way round.
 */
export const answerNotImplemented = (response: ServerResponse, protocol: Protocol, what: string): void =>
  answerError(response, protocol, {
    status: 501,
    code: 'NotImplemented',
    message: `The embedded AWS does not implement ${what}.`,
  });
