import { expect, it } from '@jest/globals';
import { nextSteps } from './next-steps.ts';

const served = { id: 'embrapa_producao', latest: 1 };
const options = {
  address: 'http://localhost:4000',
  state: undefined,
  datasets: [served],
  users: false,
  collected: true,
};

it('names the folder of the state to curl only when it is not the usual one, in quotes where a shell needs them', () => {
  expect(nextSteps(options)).not.toContain('GRANARY_STATE');
  expect(nextSteps({ ...options, state: '/x' })).toContain('GRANARY_STATE=/x npm run');
  expect(nextSteps({ ...options, state: "/it's mine" })).toContain("GRANARY_STATE='/it'\\''s mine' npm run");
});

it('offers only what is served', () => {
  expect(nextSteps(options)).toMatch(/localhost:4000\/producaoCSV$/m);
  const others = [
    { id: 'embrapa_producao', latest: null },
    { id: 'embrapa_imp_vinhos', latest: 2 },
  ];
  expect(nextSteps({ ...options, datasets: others })).toMatch(/localhost:4000\/v1\/datasets$/);
  const wide = [{ id: 'embrapa_comercio', latest: 2 }];
  expect(nextSteps({ ...options, datasets: wide })).toMatch(/localhost:4000\/comercializacaoCSV$/m);
  const nothing = { ...options, datasets: [{ id: 'embrapa_producao', latest: null }] };
  expect(nextSteps(nothing)).toBe(
    'No dataset is served yet. Start again when the source can be read: npm start collects once more.',
  );
  expect(nextSteps({ ...nothing, collected: false })).toContain('without --no-collect');
});

it('offers the users in a line of its own, beside the datasets or without them', () => {
  const lines = nextSteps({ ...options, users: true }).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/localhost:4000\/producaoCSV$/);
  expect(lines[1]).toMatch(/'http:\/\/localhost:4000\/view-data\?limit=10'$/);
  const alone = nextSteps({ ...options, datasets: [], users: true });
  expect(alone).toMatch(/^No dataset is served yet\..*\n {2}curl .*\/view-data\?limit=10'$/);
});

it('offers a query in SQL with the token of an analyst, over a dataset that is served', () => {
  const last = nextSteps(options).split('\n').at(-1);
  expect(last).toMatch(/token -- analyst\).*localhost:4000\/v1\/query -d '\{"sql":"SELECT .* FROM embrapa_producao /);
  expect(nextSteps({ ...options, datasets: [{ id: 'embrapa_comercio', latest: 2 }] })).not.toContain('/v1/query');
});
