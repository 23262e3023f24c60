import { describe, expect, it } from '@jest/globals';
import { serviceAnswer } from './service-answer.ts';

const answered = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), {
    name,
    $fault: 'client',
    $metadata: { httpStatusCode: 400, requestId: 'R1', attempts: 1 },
    ...more,
  });

describe('The answer of a service', () => {
  it('is told in its own words, with the call and the id that its people ask for', () => {
    const words = 'User: arn:aws:sts::1:role is not authorized to perform: dynamodb:UpdateItem';
    expect(serviceAnswer(answered('AccessDeniedException', words, { operation: 'DynamoDB UpdateItem' }))).toEqual({
      name: 'AccessDeniedException',
      message: words,
      operation: 'DynamoDB UpdateItem',
      status: 400,
      request_id: 'R1',
    });
  });

  it.each(['ValidationException', 'SerializationException', 'InvalidParameterValue', 'MalformedPolicyDocument'])(
    'is told without words when it is %s, which may quote what was sent',
    (name) => expect(serviceAnswer(answered(name, 'no number: ana@example.org'))).not.toHaveProperty('message'),
  );

  it('is none of what else throws', () => {
    for (const error of [new Error('ana@example.org'), new SyntaxError('x'), 'text', null, undefined])
      expect(serviceAnswer(error)).toBeUndefined();
    // A client that could not read the answer marks its error with metadata alone.
    expect(serviceAnswer(Object.assign(new SyntaxError('x'), { $metadata: {} }))).toBeUndefined();
  });
});
