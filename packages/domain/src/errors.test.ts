import { describe, expect, it } from '@jest/globals';
import * as errors from './errors.ts';

const { GranaryError: _, ...classes } = errors;

describe('the errors', () => {
  it.each(Object.entries(classes))(
    '%s are named by their code, which minified names of classes do not change',
    (name, of) => {
      const Minified = { _i: class extends (of as typeof errors.NotFound) {} }._i;
      for (const error of [new (of as typeof errors.NotFound)('Gone.'), new Minified('Gone.')]) {
        expect(error.name).toBe(name);
        expect(String(error)).toBe(`${name}: Gone.`);
      }
      expect(new (of as typeof errors.NotFound)('Gone.').stack).toContain(`${name}: Gone.`);
    },
  );
});
