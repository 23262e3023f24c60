import { describe, expect, it } from '@jest/globals';
import { type Edition, embrapaFile, embrapaTable } from './file.ts';
import { EMBRAPA_FILES } from './file-layouts.ts';

const edition = (vintage: number, seed = 'granary'): Edition => ({ seed, vintage });
const lines = (name: string, vintage: number): string[] =>
  embrapaFile(name, edition(vintage)).toString().trimEnd().split('\n');

describe('generated Embrapa files', () => {
  it('are the same bytes for the same seed and vintage, others for another seed', () => {
    for (const { name } of EMBRAPA_FILES) {
      expect(embrapaFile(name, edition(2023)).equals(embrapaFile(name, edition(2023)))).toBe(true);
      expect(embrapaFile(name, edition(2023)).equals(embrapaFile(name, edition(2023, 'other')))).toBe(false);
      const revised = embrapaFile(name, { ...edition(2023), revision: 1 });
      expect(revised.equals(embrapaFile(name, edition(2023)))).toBe(false);
      expect(revised.equals(embrapaFile(name, { ...edition(2023), revision: 2 }))).toBe(false);
    }
  });

  it('have rows of one width each in every vintage', () => {
    for (const vintage of [2021, 2022, 2023, 2024, 2030])
      for (const { name } of EMBRAPA_FILES) {
        const { rows } = embrapaTable(name, edition(vintage));
        expect(new Set(rows.map((cells) => cells.length)).size).toBe(1);
      }
  });

  it('have the sizes of the real ones: 54 years, 20 to 140 rows', () => {
    for (const { name, kind, countries } of EMBRAPA_FILES) {
      const { rows, layout } = embrapaTable(name, edition(2023));
      expect(layout.years).toHaveLength(kind === 'trade' ? 108 : 54);
      if (countries) expect(rows).toHaveLength(countries + 1);
    }
    expect(embrapaTable('ProcessaViniferas', edition(2023)).rows).toHaveLength(140);
  });

  it('change their delimiter between vintages, in some files and not in all', () => {
    const changed = EMBRAPA_FILES.filter(
      ({ name }) =>
        embrapaTable(name, edition(2023)).layout.delimiter !== embrapaTable(name, edition(2024)).layout.delimiter,
    );
    expect(changed.length).toBeGreaterThan(3);
    expect(changed.length).toBeLessThan(15);
  });

  it('publish the next year and leave two files as they were', () => {
    const unchanged = EMBRAPA_FILES.filter(({ name }) =>
      embrapaFile(name, edition(2023)).equals(embrapaFile(name, edition(2024))),
    ).map(({ name }) => name);
    expect(unchanged).toEqual(['ProcessaSemclass', 'ImpFrescas']);
    expect(lines('Producao', 2024)[0]).toMatch(/2023.2024$/);
  });

  it('revise some figures of the year before and no older ones', () => {
    const before = embrapaTable('ImpVinhos', edition(2023)).rows;
    const after = embrapaTable('ImpVinhos', edition(2024)).rows;
    const revised = before.filter((cells, row) => cells[108] !== after[row][108]);
    expect(revised.length).toBeGreaterThan(5);
    expect(before.map((cells) => cells.slice(0, 108))).toEqual(after.map((cells) => cells.slice(0, 108)));
  });

  it('have no control column in 2021, no header in Comercio of 2022, and 2021 four times in ImpSuco of 2022', () => {
    expect(lines('Producao', 2021)[0]).toMatch(/^id.produto.1970/);
    expect(lines('Comercio', 2022)[0]).toMatch(/^1.VINHO DE MESA.VINHO DE MESA.\d/);
    const suco = lines('ImpSuco', 2022)[0];
    expect(suco.match(/2021/g)).toHaveLength(4);
    expect(suco).not.toContain('2022');
  });

  it('hold the quirks of the source', () => {
    const all = EMBRAPA_FILES.map(({ name }) => embrapaFile(name, edition(2023)).toString());
    const comercio = lines('Comercio', 2023);
    expect(comercio.find((line) => line.includes('OUTROS PRODUTOS COMERCIALIZADOS'))).toMatch(/^\d+;;OUTROS/);
    expect(comercio.filter((line) => line.includes(';vm_Tinto;'))).toHaveLength(2);
    expect(comercio.some((line) => line.includes(';  Tinto;'))).toBe(true);
    expect(lines('ImpVinhos', 2023).filter((line) => /;(Africa|África do Sul);/.test(line))).toHaveLength(2);
    expect(lines('ImpVinhos', 2023).some((line) => line.includes(', República'))).toBe(true);
    for (const marker of ['nd', '*', '+', '-', ''])
      expect(all.some((text) => text.split(/[;\t\n]/).includes(marker))).toBe(true);
    expect(all.some((text) => /[;\t]\d+,\d+[;\t]/.test(text))).toBe(true);
    const ids = lines('ProcessaAmericanas', 2023).map((line) => line.split('\t')[0]);
    expect(ids.filter((id) => id === '29')).toHaveLength(2);
    expect(ids).not.toContain('13');
  });

  it('refuse a file or a vintage that does not exist, saying which do', () => {
    expect(() => embrapaTable('Nada', edition(2023))).toThrow(/no file Nada.*Producao/);
    expect(() => embrapaTable('Producao', edition(1999))).toThrow(/from 2021/);
  });
});
