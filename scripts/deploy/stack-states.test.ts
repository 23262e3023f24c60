import { expect, it } from '@jest/globals';
import { verdictOf } from './stack-states.ts';

const REMOVE = 'npm run remove -- --stage dev --region us-east-1';
const verdict = (status: string, reason?: string) => verdictOf({ name: 'granary-api-dev', status, reason }, REMOVE);

it.each([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
])('a stack that is %s is deployed to', (status) => expect(verdict(status)).toEqual({ kind: 'ready' }));

it.each(['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'])('a stack that is %s holds nothing, and goes first', (status) => {
  expect(verdict(status)).toMatchObject({ kind: 'clear', sentence: expect.stringContaining('granary-api-dev') });
});

it.each(['CREATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'IMPORT_IN_PROGRESS'])(
  'nothing is deployed while a stack is %s',
  (status) => expect(verdict(status)).toMatchObject({ kind: 'stop', sentence: expect.stringMatching(/Wait until/) }),
);

it.each(['DELETE_FAILED', 'CREATE_FAILED', 'ROLLBACK_FAILED', 'IMPORT_ROLLBACK_FAILED', 'UPDATE_FAILED'])(
  'of a stack that is %s it is told why and how it goes on',
  (status) => {
    const found = verdict(status, 'The bucket is not empty');
    expect(found).toMatchObject({
      kind: 'stop',
      sentence: expect.stringMatching(/The bucket is not empty.*npm run remove/),
    });
  },
);

it('a rollback that failed is continued, not removed', () => {
  expect(verdict('UPDATE_ROLLBACK_FAILED')).toMatchObject({
    kind: 'stop',
    sentence: expect.stringContaining('continue-update-rollback --stack-name granary-api-dev'),
  });
});
