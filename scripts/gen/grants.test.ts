import { expect, it } from '@jest/globals';
import { GRANTS } from '../../config/grants.ts';

it('Who writes data deletes nothing but below versions/: raw bytes and copies stay', () => {
  const deleting = GRANTS['data:write']!.filter(({ Action }) => Action.includes('s3:DeleteObject'));
  expect(deleting.map(({ Resource }) => JSON.stringify(Resource))).toEqual([
    expect.stringMatching(/-data\/versions\/\*"\}\]$/),
  ]);
});

it('Who takes a slot of the host budget only reads and updates', () => {
  expect(GRANTS['budget:write']!.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', 'dynamodb:UpdateItem']);
});
