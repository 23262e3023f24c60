import { expect, it } from '@jest/globals';
import { readServices } from './services.ts';

it('services are deployed each after those whose exports it reads', () => {
  const names = readServices().map(({ name }) => name);
  const at = (name: string) => names.indexOf(name);
  expect(at('storage')).toBe(0);
  expect(at('storage')).toBeLessThan(at('ingestion'));
  expect(at('ingestion')).toBeLessThan(at('api'));
  for (const { name, stack } of readServices()) expect(stack).toBe(`granary-${name}`);
});
