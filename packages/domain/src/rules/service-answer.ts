/** What a service that a function stands on, not a source, answered to one of its calls. */
export type ServiceAnswer = {
  name: string;
  /** The service's own words; left out where it complains of what it was sent, which it may quote. */
  message?: string;
  /** `DynamoDB UpdateItem`: by the runtime, which names each client's calls. */
  operation?: string;
  status?: number;
  /** What the service's people ask for. */
  request_id?: string;
};

/**
 * Names under which services complain of the request itself: some of their sentences hold the value that they could not
 * take.
 */
const QUOTES_THE_REQUEST = /Validation|Invalid|Malformed|Serialization|TooLarge|TooLong/i;

/**
 * The answer of a service, if the error is one: by the marks that every client of AWS puts on errors that it read from
 * an answer, and that nothing else has. Such an answer is about rights, limits and names of resources, and holds
 * nothing of the data.
 */
export const serviceAnswer = (error: unknown): ServiceAnswer | undefined => {
  if (!(error instanceof Error) || !('$fault' in error) || !('$metadata' in error)) return undefined;
  const { $metadata, operation } = error as Marks;
  const { httpStatusCode: status, requestId: request_id } = $metadata ?? {};
  const quotes = QUOTES_THE_REQUEST.test(error.name);
  return {
    name: error.name,
    ...(!quotes && { message: error.message }),
    ...(operation !== undefined && { operation }),
    ...(status !== undefined && { status }),
    ...(request_id !== undefined && { request_id }),
  };
};

type Marks = { $metadata?: { httpStatusCode?: number; requestId?: string }; operation?: string };
