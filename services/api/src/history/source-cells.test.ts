import type { Field } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { sourceCells } from './source-cells.ts';

const text = (name: string): Field => ({ name, type: 'string', nullable: true });

describe('the source cells of a row', () => {
  it('are found under headers that are there twice or empty, as the columns were named', () => {
    const header = ['Valor', 'valor', '', 'Ano'];
    const fields = ['valor', 'valor_2', 'column_3', 'ano'].map(text);
    const cells = sourceCells(undefined, { dataset: 'others', header, fields }, {}, ['1', '2', '3', '4']);
    expect(Object.values(cells).map(([cell]) => cell?.text)).toEqual(['1', '2', '3', '4']);
    expect(cells.valor_2).toEqual([{ position: 2, header: 'valor', text: '2' }]);
  });
});
