import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CallerRefused } from '@granary/embedded-aws/refused-callers';

/** By this header the parts of one `npm start` know each other; its value is made anew at each start. */
export const KEY_HEADER = 'x-granary-local-key';
export const KEY_VARIABLE = 'GRANARY_LOCAL_KEY';

export const knowsKey = ({ headers }: Pick<IncomingMessage, 'headers'>, key: string): boolean => {
  const given = Buffer.from(String(headers[KEY_HEADER] ?? ''));
  const wanted = Buffer.from(key);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** What is behind the port is not told the key. */
export const takeKeyOff = ({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void => {
  delete headers[KEY_HEADER];
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]!.toLowerCase() === KEY_HEADER) rawHeaders.splice(i, 2);
};

/** Who has no key may not invoke a function: a message that it believes can be written by anybody. */
export const STRANGER: CallerRefused = {
  status: 403,
  code: 'AccessDeniedException',
  message: `Functions are invoked with the header ${KEY_HEADER}; its value is lambdaKey in local.json of the folder of the state.`,
};
