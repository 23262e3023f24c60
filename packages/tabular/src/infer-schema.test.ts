import { describe, expect, it } from '@jest/globals';
import { inferSchema } from './infer-schema.ts';

describe('inferSchema', () => {
  it('looks at every row and keeps the names of the header as titles', () => {
    const text = `Código;Ano\n${'001;1970\n'.repeat(100_000)}002;mil\n`;
    const { schema } = inferSchema({ open: () => [Buffer.from(text)] });
    expect(schema.fields).toEqual([
      { name: 'codigo', type: 'string', nullable: true, title: 'Código' },
      { name: 'ano', type: 'string', nullable: true, title: 'Ano' },
    ]);
  });
});
