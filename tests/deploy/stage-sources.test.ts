import { expect, it } from '@jest/globals';
import { sourceVariables, strangeSources } from './stage-sources.ts';

const ids = ['wine', 'people', 'stations'];
const replica = { wine: 'http://127.0.0.1:1/', people: 'http://127.0.0.1:2/' };

it('A stage of tests collects from the replica, and no other source of the repository', () => {
  expect(sourceVariables(replica, ids)).toEqual({
    GRANARY_WINE_URL: 'http://127.0.0.1:1/',
    GRANARY_PEOPLE_URL: 'http://127.0.0.1:2/',
    GRANARY_STATIONS_URL: 'none',
  });
});

it('A stage that collects anything else is refused with what to deploy instead', () => {
  const strange = (deployed: Record<string, string>) => strangeSources(deployed, ['wine', 'people'], ids);
  expect(strange({ ...replica, stations: 'none' })).toBeUndefined();
  expect(strange(replica)).toContain('(stations). Deploy a stage for the tests with GRANARY_STATIONS_URL=none.');
  expect(strange({ wine: 'none', people: replica.people, stations: 'none' })).toContain('(wine)');
  expect(strange({ stations: 'none' })).toMatch(/GRANARY_WINE_URL, an address .*; GRANARY_PEOPLE_URL, an address/);
});
