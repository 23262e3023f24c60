import { UserError } from './user-error.ts';

type AwsError = Error & { code?: string; $metadata?: object };

const NOT_SIGNED_IN =
  'You are not signed in to AWS on this machine. Name a profile (AWS_PROFILE=…, after `aws sso login` or `aws configure`) ' +
  'or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const REFUSED_KEYS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** The sentence for what keeps any call of AWS from working; undefined for what depends on the call. */
const sentenceOf = ({ name, message, code }: AwsError, region: string): string | undefined => {
  if (name === 'CredentialsProviderError' || /Could not load credentials/.test(message)) {
    // A profile that is not there is no reason to be told of all the ways to sign in.
    return /profile/i.test(message) ? `AWS credentials were not found: ${message}` : NOT_SIGNED_IN;
  }
  if (REFUSED_KEYS.has(name))
    return `AWS does not accept this machine's credentials (${name}): sign in anew. ${message}`;
  if (/^AccessDenied/.test(name)) return `The credentials of this machine may not do that: ${message}`;
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET)$/.test(code ?? '')) {
    const where = process.env.AWS_ENDPOINT_URL ?? `the region ${region}`;
    return `AWS was not reached at ${where} (${code}): is the machine online, and is that the address?`;
  }
  return undefined;
};

/** Calls AWS. What an administrator can put right comes as a UserError; anything else as it is. */
export const askAws = async <T>(region: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    const sentence = error instanceof Error ? sentenceOf(error as AwsError, region) : undefined;
    throw sentence === undefined ? error : new UserError(sentence, { cause: error });
  }
};
