import type { Message } from '@aws-sdk/client-sqs';
import type { InvocationResult } from './invoke.ts';

/** The event that Lambda makes of messages (docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
export const eventOf = (messages: readonly Message[], arn: string, region: string): { Records: unknown[] } => ({
  Records: messages.map((message) => ({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [
        name,
        {
          dataType: attribute.DataType,
          stringValue: attribute.StringValue,
          binaryValue: attribute.BinaryValue && Buffer.from(attribute.BinaryValue).toString('base64'),
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: region,
  })),
});

/**
 * Which messages an invocation has dealt with, so that they are deleted. By Lambda's rules: none when the handler
 * threw; all when failures are not reported or none is; none when an identifier is missing or is not of this batch.
 */
export const doneMessages = (
  messages: readonly Message[],
  { payload, failed }: InvocationResult,
  reportsItemFailures: boolean,
): readonly Message[] => {
  if (failed) return [];
  if (!reportsItemFailures) return messages;
  if (payload !== null && typeof payload !== 'object') return [];
  const failures: unknown = (payload as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const ids = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  if (ids.some((id) => !messages.some((message) => message.MessageId === id))) return [];
  return messages.filter((message) => !ids.includes(message.MessageId));
};
