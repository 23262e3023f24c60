import { expect, it } from '@jest/globals';
import { GRANTS } from '../../../config/grants.ts';
import { worker } from './functions/collect.ts';

it('The worker that collects may keep which dataset each table of a resource is', () => {
  expect(worker.grants).toContain('resources:write');
  expect(GRANTS['resources:write']!.map(({ Effect, Action }) => [Effect, ...Action])).toEqual([
    ['Allow', 'dynamodb:GetItem', 'dynamodb:PutItem'],
  ]);
});
