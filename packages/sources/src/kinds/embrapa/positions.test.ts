import { describe, expect, it } from '@jest/globals';
import { cellsOfRow } from './positions.ts';

describe('the cells that a row was made of', () => {
  it('are the product, its control and the figure of its year', () => {
    const header = ['id', 'control', 'Produto', '1971', '1970'];
    expect(Object.fromEntries(cellsOfRow('production', header, { year: 1970 }))).toEqual({
      product: [3],
      product_code: [2],
      quantity: [5],
      note: [5],
    });
  });

  it('are two figures a year in trade, quantity before value', () => {
    const header = ['Id', 'País', '1970', '1970', '1971', '1971 '];
    expect(Object.fromEntries(cellsOfRow('trade', header, { year: 1971 }))).toEqual({
      country: [2],
      quantity_kg: [5],
      value_usd: [6],
      note: [5, 6],
    });
  });

  it('leave out what the file does not have', () => {
    expect([...cellsOfRow('production', ['id', 'cultivar', '1970'], { year: 1999 }).keys()]).toEqual(['product']);
  });
});
