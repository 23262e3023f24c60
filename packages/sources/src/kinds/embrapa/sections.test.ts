import { describe, expect, it } from '@jest/globals';
import { codeOf, normalised, sortOfLine } from './sections.ts';

const none: ReadonlySet<string> = new Set();

describe('sections', () => {
  it('open with a control in upper case', () => {
    expect(sortOfLine('VINHO DE MESA', 'VINHO DE MESA', none)).toBe('title');
    expect(sortOfLine('BRANCASEROSADAS', 'BRANCAS E ROSADAS', none)).toBe('title');
    expect(sortOfLine('vm_Tinto', 'Tinto', none)).toBe('child');
  });

  it('open with a product in upper case when the control is blank or there is none', () => {
    expect(sortOfLine('', 'OUTROS PRODUTOS COMERCIALIZADOS', none)).toBe('title');
    expect(sortOfLine(null, 'VINHO ORGÂNICO', none)).toBe('title');
    expect(sortOfLine('', 'Outros', none)).toBe('child');
  });

  it('E5: have a blank control however blank is written', () => {
    for (const control of ['0', 'nan', 'NaN', '-', ' ', 'nd', 'null', 'N/A'])
      expect([codeOf(control), sortOfLine(control, 'OUTROS PRODUTOS COMERCIALIZADOS', none)]).toEqual(['', 'title']);
  });

  it('are not opened by the code of a cultivar', () => {
    expect(sortOfLine(null, 'IAC 138-22', none)).toBe('child');
    expect(sortOfLine('ti_IAC138022', 'IAC 138-22', none)).toBe('child');
  });

  it('may be opened by a code that is no product, and by a known title in another case', () => {
    expect(sortOfLine('vinho de mesa', 'Vinho de mesa', none)).toBe('unsure');
    expect(sortOfLine('sc', 'Sem classificação', none)).toBe('unsure');
    expect(sortOfLine(null, 'Vinho orgânico', new Set(['vinho organico']))).toBe('unsure');
    expect(sortOfLine('VM_TINTO', 'TINTO', none)).toBe('unsure');
  });

  it('are named without stray spaces', () => {
    expect(normalised('  VINHO  FINO\u00a0DE MESA ')).toBe('VINHO FINO DE MESA');
  });
});
