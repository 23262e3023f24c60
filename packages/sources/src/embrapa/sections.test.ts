import { describe, expect, it } from '@jest/globals';
import { normalised, opensSection } from './sections.ts';

describe('sections', () => {
  it('open with a control in upper case', () => {
    expect(opensSection('VINHO DE MESA', 'VINHO DE MESA')).toBe(true);
    expect(opensSection('BRANCASEROSADAS', 'BRANCAS E ROSADAS')).toBe(true);
    expect(opensSection('vm_Tinto', 'Tinto')).toBe(false);
    expect(opensSection('sc', 'Sem classificação')).toBe(false);
  });

  it('open with a product in upper case when the control is blank or there is none', () => {
    expect(opensSection('', 'OUTROS PRODUTOS COMERCIALIZADOS')).toBe(true);
    expect(opensSection(null, 'VINHO ORGÂNICO')).toBe(true);
    expect(opensSection('', 'Outros')).toBe(false);
  });

  it('are not opened by the code of a cultivar', () => {
    expect(opensSection(null, 'IAC 138-22')).toBe(false);
    expect(opensSection('ti_IAC138022', 'IAC 138-22')).toBe(false);
  });

  it('are named without stray spaces', () => {
    expect(normalised('  VINHO  FINO\u00a0DE MESA ')).toBe('VINHO FINO DE MESA');
  });
});
