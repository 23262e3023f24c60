import { type Chance, chanceOf, type Place, type Sheet } from './damage.ts';

/**
 * A file without fault, and where each of its figures belongs: no two are equal, so a figure that is published tells
 * where it came from.
 */
export type SoundFile = { file: string; sheet: Sheet; truth: Map<number, Place>; last: number };

type Section = { title: string; prefix: string; blank?: true; products: readonly string[] };

const FILES: Readonly<Record<string, readonly Section[]>> = {
  Producao: [
    { title: 'VINHO DE MESA', prefix: 'vm', products: ['Tinto', 'Branco', 'Rosado'] },
    { title: 'VINHO FINO DE MESA (VINIFERA)', prefix: 'vv', products: ['Tinto', 'Branco', 'Rosado'] },
    { title: 'SUCO', prefix: 'su', products: ['Suco de uva integral', 'Suco de uva adoçado', 'Suco orgânico'] },
    { title: 'DERIVADOS', prefix: 'de', products: ['Espumante', 'Vinagre', 'Óleo de semente', 'Outros derivados'] },
  ],
  Comercio: [
    { title: 'VINHO DE MESA', prefix: 'vm', products: ['Tinto', 'Rosado', 'Branco'] },
    { title: 'VINHO  ESPECIAL', prefix: 've', products: ['Tinto', 'Rosado', 'Branco'] },
    { title: 'ESPUMANTES ', prefix: 'es', products: ['Espumante', 'Espumante  Moscatel', 'Espumante Orgânico'] },
    { title: 'SUCO DE UVAS CONCENTRADO', prefix: 'sc', products: [] },
    {
      title: 'OUTROS PRODUTOS COMERCIALIZADOS',
      prefix: 'ou',
      blank: true,
      products: ['Aguardente 50°GL', 'Borra fresca', 'Néctar', 'Mosto simples'],
    },
  ],
  ProcessaAmericanas: [
    { title: 'TINTAS', prefix: 'ti', products: ['Bordô', 'Concord', 'IAC 138-22', 'Isabel', 'Outras tintas'] },
    { title: 'BRANCAS E ROSADAS', prefix: 'br', products: ['Goethe', 'IAC 21-14', 'Niágara Branca', 'Vênus branca'] },
  ],
};
const COUNTRIES = ['África do Sul', 'Alemanha, República Democrática', 'Argélia', 'Chile', 'Coreia do Sul, República'];
const MORE = ['Áustria', 'Países Baixos (Holanda)', 'Não consta na tabela', 'itália', 'Outros', 'Togo', 'Uruguai'];

export const SOUND_FILES = [...Object.keys(FILES), 'ImpVinhos', 'ExpUva'] as const;

/**
 * Figures that are all different, none like a year or an id: most whole, some with decimals, of very different sizes.
 */
const createFigures = (chance: Chance) => {
  const used = new Set<number>();
  return (): { value: number; text: string } => {
    for (;;) {
      const digits = 4 + chance.below(5);
      const whole = 10 ** (digits - 1) + chance.below(9 * 10 ** (digits - 1));
      const decimals = chance.oneIn(25) ? `${1 + chance.below(9)}${1 + chance.below(9)}` : '';
      if (whole < 2100 || used.has(whole)) continue;
      used.add(whole);
      const text = decimals ? `${whole},${decimals}` : String(whole);
      return { value: Number(text.replace(',', '.')), text };
    }
  };
};

const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** Makes a sound file: sections or countries, with or without `control`, from 1970 or a later year on. */
export const soundFile = (file: string, seed: number): SoundFile => {
  const chance = chanceOf(seed);
  const figure = createFigures(chance);
  const trade = !(file in FILES);
  const first = chance.pick([1970, 1980, 1995, 2008, 2012, 2015, 2016, 2018]);
  const last = chance.pick([2022, 2023, 2024, 2025]);
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const columns = trade ? years.flatMap((year) => [year, year]) : years;
  const hasControl = !trade && !chance.oneIn(5);
  const leading = trade
    ? ['Id', 'País']
    : ['id', ...(hasControl ? ['control'] : []), chance.pick(['produto', 'Produto'])];
  const truth = new Map<number, Place>();
  const rows: string[][] = [[...leading, ...columns.map(String)]];
  const add = (control: string, product: string, section: string | null): void => {
    const cells = columns.map((year, i) => {
      if (chance.oneIn(60)) return chance.pick(['nd', '*', '+', '-', '', '0']);
      const { value, text } = figure();
      const field = trade ? i % 2 : 0;
      truth.set(value, { section: section === null ? null : spaced(section), name: spaced(product), year, field });
      return text;
    });
    rows.push([String(rows.length), ...(trade || !hasControl ? [] : [control]), product, ...cells]);
  };
  if (trade) for (const country of [...COUNTRIES, ...MORE.slice(chance.below(4))]) add('', country, null);
  else
    for (const { title, prefix, blank, products } of FILES[file]) {
      add(blank ? '' : title, title, title);
      for (const product of products) add(`${prefix}_${product.replaceAll(' ', '_')}`, product, title);
    }
  const sheet: Sheet = {
    kind: trade ? 'trade' : 'production',
    rows,
    id: 0,
    control: hasControl ? 1 : -1,
    name: leading.length - 1,
    first: leading.length,
    delimiter: chance.pick([';', ';', '\t']),
    quoted: false,
    added: new Map(),
  };
  return { file, sheet, truth, last };
};

/** Writes a sheet out as spreadsheets do: cells in quotes where they need them. */
export const written = ({ rows, delimiter, quoted }: Sheet): string =>
  rows
    .map((cells) =>
      cells
        .map((cell) => (quoted || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(delimiter),
    )
    .map((line) => `${line}\n`)
    .join('');
