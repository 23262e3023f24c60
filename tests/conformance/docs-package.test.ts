import { expect, it } from '@jest/globals';
import { artifacts } from './artifacts.ts';

it('The files of the page at /docs lie beside the function that gives them out, and beside no other.', async () => {
  const all = await artifacts();
  const held = [...all].map(([name, entries]) => [
    name,
    entries.map((entry) => entry.name).filter((file) => /swagger-ui|favicon/.test(file)),
  ]);
  expect(all.size).toBeGreaterThan(5);
  expect(held.filter(([, files]) => files.length > 0)).toEqual([
    [
      'api/docs',
      expect.arrayContaining([
        'src/areas/docs.swagger-ui-bundle.js',
        'src/areas/docs.swagger-ui.css',
        'src/areas/docs.favicon-32x32.png',
      ]),
    ],
  ]);
}, 540_000);
