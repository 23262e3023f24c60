import { describe, expect, it } from '@jest/globals';
import { doneMessages } from './batch.ts';

const messages = [{ MessageId: 'a' }, { MessageId: 'b' }, { MessageId: 'c' }];
const done = (payload: unknown, reports = true, failed = false) =>
  doneMessages(messages, { payload, failed }, reports).map((message) => message.MessageId);
const failing = (...ids: unknown[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe('doneMessages', () => {
  it('keeps the failed ones of a batch', () => {
    expect(done(failing('b'))).toEqual(['a', 'c']);
    expect(done(failing('a', 'b', 'c'))).toEqual([]);
  });

  it('is all of them when none failed, whatever way that is said', () => {
    for (const payload of [null, {}, { batchItemFailures: [] }, { batchItemFailures: null }]) {
      expect(done(payload)).toEqual(['a', 'b', 'c']);
    }
  });

  it('is none when the handler threw', () => {
    expect(done({ errorMessage: 'x' }, true, true)).toEqual([]);
    expect(done({ errorMessage: 'x' }, false, true)).toEqual([]);
  });

  it('is none when an identifier is missing, empty or unknown', () => {
    for (const id of [undefined, null, '', 'z']) expect(done(failing('a', id))).toEqual([]);
    expect(done({ batchItemFailures: [null] })).toEqual([]);
    expect(done({ batchItemFailures: 'a' })).toEqual([]);
    expect(done('text')).toEqual([]);
  });

  it('does not look at the answer when failures are not reported', () => {
    expect(done(failing('b'), false)).toEqual(['a', 'b', 'c']);
  });
});
