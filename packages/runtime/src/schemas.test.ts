import { describe, expect, it } from '@jest/globals';
import * as schemas from './schemas.ts';
import * as inert from './schemas-inert.ts';

describe('the schemas of endpoints', () => {
  it('have the same words with and without zod behind them', () => {
    expect(Object.keys(inert).sort()).toEqual(Object.keys(schemas).sort());
  });

  it('refuse to parse where zod is not behind them', () => {
    const schema = inert.object();
    expect(schema.check()).toBe(schema);
    for (const parse of [schema.parse, schema.safeParse]) expect(() => parse()).toThrow('generated code');
  });
});
