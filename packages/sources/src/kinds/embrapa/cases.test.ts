import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedContent } from '@granary/domain/errors';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { describe, expect, it } from '@jest/globals';
import type { Reading } from '../../testing/read-all.ts';
import { embrapa } from '../../testing/shipped.ts';
import { readBytes } from './testing/read-bytes.ts';

const IN_2026 = { processing_date: '2026-06-01' };
const resources = embrapa.discover({ base_url: embrapa.base_url });
const read = (file: string, text: string, options = {}): Reading =>
  readBytes(resources.find(({ hints }) => hints.file === file)!.dataset, Buffer.from(text), {
    ...IN_2026,
    ...options,
  });
/** `section/product/year = figure` of a production file, `country/year = quantity, value` of a trade file. */
const told = ({ rows }: Reading): string[] =>
  rows.map((row) =>
    'country' in row
      ? `${row.country}/${row.year} = ${row.quantity_kg}, ${row.value_usd}`
      : `${row.section}/${row.product}/${row.year} = ${row.quantity}`,
  );
const reasons = ({ quarantine }: Reading): string[] => quarantine.map(({ line, reason }) => `${line}: ${reason}`);
const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** A production file whose figures are the year and the line: 12023 is the one of 2023 on line 2. */
const withTitles = (titles: readonly string[], years: readonly number[], head = ''): string =>
  `${head}id;control;produto;${titles.join(';')}\n1;SUCO;SUCO;${years.map((y) => 10_000 + y).join(';')}\n` +
  `2;su_a;Integral;${years.map((y) => 20_000 + y).join(';')}\n`;
const isRight = (reading: Reading): boolean =>
  reading.rows.every(
    ({ product, year, quantity }) => quantity === (product === 'SUCO' ? 10_000 : 20_000) + Number(year),
  );

/** Two sections whose products have codes that begin alike. */
const LINES = [
  'id;control;produto;2023;2024',
  '1;VINHO DE MESA;VINHO DE MESA;60;61',
  '2;vm_Tinto;Tinto;10;11',
  '3;vm_Branco;Branco;20;21',
  '4;vm_Rosado;Rosado;30;31',
  '5;VINHO FINO;VINHO FINO;600;610',
  '6;vv_Tinto;Tinto;100;110',
  '7;vv_Branco;Branco;200;210',
  '8;vv_Rosado;Rosado;300;310',
];

describe('years in the header', () => {
  const years = upTo(1980, 2024);
  it.each<[string, (year: number) => string]>([
    ['E1: as floats', (year) => `${year}.0`],
    ['E3: as floats with a comma', (year) => `${year},0`],
    ['E3: with a thousands mark', (year) => String(year).replace(/^./, '$&.')],
    ['E3: behind a word', (year) => `Ano ${year}`],
    ['E3: as R names them', (year) => `X${year}`],
  ])('%s are read', (_, write) => {
    const reading = read('Producao', withTitles(years.map(write), years));
    expect(reading.rows).toHaveLength(2 * years.length);
    expect(isRight(reading)).toBe(true);
    expect(reading.quarantine).toEqual([]);
  });

  it('E2: numbered by pandas are pairs of quantity and value', () => {
    const titles = upTo(1970, 2023).flatMap((year) => [year, `${year}.1`]);
    const reading = read(
      'ImpVinhos',
      `Id;País;${titles.join(';')}\n1;Chile;${titles.map((_, i) => i + 5).join(';')}\n`,
    );
    expect(told(reading).slice(0, 2)).toEqual(['Chile/1970 = 5, 6', 'Chile/1971 = 7, 8']);
    expect(reading.rows).toHaveLength(54);
  });

  it.each<[string, string[]]>([
    ['E3: in two digits', years.map((year) => String(year).slice(2))],
    ['E3: downwards', years.map((year) => `${year}.0`).reverse()],
    ['E3: with a gap', years.map((year) => `${year >= 1990 ? year + 1 : year}.0`)],
    ['E3: with one title lost', years.filter((year) => year !== 1990).map(String)],
    ['E3: with the first ones swapped', ['1981', '1980', ...years.slice(2).map(String)]],
    ['E3: with units', years.map((year) => `${year} (L)`)],
    ['E3: in scientific notation', years.map((year) => `${year / 1000}E+03`)],
  ])('%s are refused with the reason', (_, titles) => {
    const reading = () => read('Producao', withTitles(titles, years));
    expect(reading).toThrow(RefusedContent);
    expect(reading).toThrow(/years|titles/);
  });

  it('E3: of which the first is mistyped are read without it', () => {
    const reading = read('Producao', withTitles(['1080', ...years.slice(1).map(String)], years));
    expect(isRight(reading)).toBe(true);
    expect(reading.rows).toHaveLength(2 * (years.length - 1));
    expect(reading.quarantine.map(({ raw }) => raw)).toEqual(['11980', '21980']);
  });

  it('E3: of which two have changed titles are quarantined, those two', () => {
    const titles = years.map(String);
    [titles[10], titles[20]] = [titles[20], titles[10]];
    const reading = read('Producao', withTitles(titles, years));
    expect(isRight(reading)).toBe(true);
    expect(new Set(reading.quarantine.map(({ column }) => column))).toEqual(new Set(['1990', '2000']));
  });

  it('E3: are found below a title that names a year too, but not in a second line of titles', () => {
    const titles = years.map((year) => `Ano ${year}`);
    expect(isRight(read('Producao', withTitles(titles, years, 'Produção;;;Ano 1980;\n')))).toBe(true);
    const two = `id;control;produto;Ano${';'.repeat(44)}\n;;;${years.join(';')}\n`;
    const text = two + withTitles([], years).split('\n').slice(1).join('\n');
    expect(() => read('Producao', text)).toThrow(/line 1 looks like one/);
  });

  it('E3: are counted in a file without any only if they end near the present, or the version before', () => {
    const bare = (first: number, last: number) => withTitles([], upTo(first, last)).split('\n').slice(1).join('\n');
    expect(isRight(read('Producao', bare(1970, 2024)))).toBe(true);
    expect(() => read('Producao', bare(1980, 2024))).toThrow(/end in 2014, which is long ago/);
    const previous_header = ['id', 'control', 'produto', ...upTo(1970, 2024).map(String)];
    expect(() => read('Producao', bare(1970, 2023), { previous_header })).toThrow(/those of the version before/);
    expect(isRight(read('Producao', bare(1970, 2025), { previous_header }))).toBe(true);
  });

  it('E7: to come are quarantined, and so are those before the series', () => {
    const reading = read('Producao', 'id;control;produto;1969;2022;2091\n1;a_x;Tinto;7;1;2\n');
    expect(told(reading)).toEqual(['null/Tinto/2022 = 1']);
    expect(reading.quarantine.map(({ column, rows }) => [column, rows])).toEqual([
      ['1969', 1],
      ['2091', 1],
    ]);
  });
});

describe('lines', () => {
  it('E4: told apart by a second column are refused', () => {
    const text = 'produto;tipo produto;1970;1971\nVINHO DE MESA;Tinto;10;11\nVINHO DE MESA;Branco;20;21\n';
    expect(() => read('Producao', text)).toThrow(/"tipo produto" tells lines of one product apart/);
  });

  it('E4: of one name with different figures are quarantined, all of them', () => {
    const reading = read('ImpVinhos', 'Id;País;1970;1970\n1;Chile;1;2\n2;Peru;3;4\n3;Chile;5;6\n');
    expect(told(reading)).toEqual(['Peru/1970 = 3, 4']);
  });

  it.each(['0', 'nan', '-', ''])('E5: with the control "%s" open a section as with none', (control) => {
    const text = `id;control;produto;1970\n1;SUCO;SUCO;1\n2;${control};OUTROS PRODUTOS COMERCIALIZADOS;30\n3;ou_a;Borra;5\n`;
    expect(told(read('Comercio', text))).toEqual([
      'SUCO/SUCO/1970 = 1',
      'OUTROS PRODUTOS COMERCIALIZADOS/OUTROS PRODUTOS COMERCIALIZADOS/1970 = 30',
      'OUTROS PRODUTOS COMERCIALIZADOS/Borra/1970 = 5',
    ]);
  });

  it('E5: below a title that is in lower case are quarantined until the next title', () => {
    const text =
      'id;control;produto;1970\n1;SUCO;SUCO;1\n2;su_a;A;2\n3;derivados;derivados;3\n4;de_b;B;4\n5;TINTAS;TINTAS;5\n6;ti_c;C;6\n';
    expect(told(read('Producao', text))).toEqual([
      'SUCO/SUCO/1970 = 1',
      'SUCO/A/1970 = 2',
      'TINTAS/TINTAS/1970 = 5',
      'TINTAS/C/1970 = 6',
    ]);
  });

  it('E4: that were sorted are refused: their ids tell, and nothing else which section they belong to', () => {
    const [header, ...lines] = LINES;
    const text = (sorted: readonly string[]): string => [header, ...sorted].map((line) => `${line}\n`).join('');
    const byControl = [...lines].sort((one, other) => (one.split(';')[1] < other.split(';')[1] ? -1 : 1));
    for (const sorted of [lines.toReversed(), byControl])
      expect(() => read('Producao', text(sorted))).toThrow(/^The ids of the lines do not follow each other/);
    // One that was put in later has the next id that was free.
    const later = lines.toSpliced(3, 0, '99;vm_Verde;Verde;7;8');
    expect(told(read('Producao', text(later))).slice(6, 8)).toEqual([
      'VINHO DE MESA/Verde/2023 = 7',
      'VINHO DE MESA/Verde/2024 = 8',
    ]);
  });

  it('E4: that were sorted are refused, though most of them cannot be read for another reason', () => {
    const [header, ...lines] = LINES;
    const byControl = [...lines].sort((one, other) => (one.split(';')[1] < other.split(';')[1] ? -1 : 1));
    const longer = byControl.map((line, i) => (i % 3 === 0 ? line : `${line};;`));
    expect(() => read('Producao', [header, ...longer].map((line) => `${line}\n`).join(''))).toThrow(
      /^The ids of the lines do not follow each other/,
    );
  });

  it('E4: of which few are left that skip most ids are refused, though they may ascend: they were sorted, then cut', () => {
    const ids = new Map(LINES.map((line) => [line.split(';')[0], line]));
    for (const left of [
      ['1', '5', '8'],
      ['6', '1', '5', '8'],
    ])
      expect(() => read('Producao', [LINES[0], ...left.map((id) => ids.get(id)!)].join('\n'))).toThrow(
        /^The ids of the lines do not follow each other: of \d lines \d stand elsewhere, and ids are skipped 2 times/,
      );
  });

  it('E10: that were broken behind a delimiter too many are quarantined, though they have as many cells as the header', () => {
    const years = upTo(1990, 2023);
    const lines = withTitles(years.map(String), years).split('\n');
    const text = lines.toSpliced(
      1,
      1,
      lines[1]!
        .replace(';12021;', ';;12021;')
        .replace(/;12023$/, '')
        .replace(/;(12022)$/, ';12\n022;12023'),
    );
    const reading = read('Producao', text.join('\n'));
    expect(reasons(reading)[0]).toBe('2: the line below has nothing but figures, and may be the rest of this one');
    expect(reading.rows.every(({ product }) => product !== 'SUCO')).toBe(true);
  });

  it('E10: with a delimiter in a quoted name are quarantined: it is none of the names of the source', () => {
    const text = LINES.map((line) =>
      line
        .split(';')
        .map((cell) => `"${cell === 'VINHO DE MESA' ? 'VINHO DE M;ESA' : cell}"`)
        .join(';'),
    );
    const reading = read('Producao', `${text.join('\n')}\n`);
    expect(reasons(reading)[0]).toBe('2: "VINHO DE M;ESA" has a delimiter in it');
    expect(reading.rows.some(({ section }) => section !== 'VINHO FINO')).toBe(false);
  });

  it('E5: whose control was filled down to its products are no titles each', () => {
    const text = LINES.map((line) => line.replace(/vm_\p{L}+/u, 'VINHO DE MESA').replace(/vv_\p{L}+/u, 'VINHO FINO'));
    const reading = read('Producao', text.map((line) => `${line}\n`).join(''));
    expect(new Set(reading.rows.map(({ section }) => section))).toEqual(new Set(['VINHO DE MESA', 'VINHO FINO']));
    expect(reading.rows.every(({ is_total }) => is_total)).toBe(true);
    expect(reasons(reading)[0]).toBe('3: nothing tells whether the line is a product or opens a section');
  });

  it('E5: whose names are all upper case are quarantined: each would be a section', () => {
    const text = LINES.map((line, i) =>
      i === 0 ? line : line.replace(/;[^;]*;([^;]*);/, (_, name) => `;;${name.toUpperCase()};`),
    );
    const reading = read('Producao', text.map((line) => `${line}\n`).join(''));
    expect(reading.rows).toEqual([]);
    expect(reasons(reading)[0]).toMatch(/nearly all lines look like titles/);
  });

  it('E10: that were wrapped, cells filled up, are quarantined: what is behind the break is not missing', () => {
    const text = LINES.toSpliced(3, 1, '3;vm_Branco;Branco;20;', '21;;;;').map((line) => `${line}\n`);
    const reading = read('Producao', text.join(''));
    expect(told(reading).filter((figure) => figure.includes('MESA/Branco'))).toEqual([]);
    expect(reasons(reading)[0]).toBe('4: the line below has nothing but figures, and may be the rest of this one');
  });

  it('E5: below a note in upper case stay in their section, also where a column of notes has a word beside it', () => {
    const text =
      'id;produto;1970;Obs\n1;SUCO;1;\n2;Integral;2;\n;FONTE: EMBRAPA;;preliminar\n3;Outros;3;\n4;TINTAS;4;\n5;Isabel;5;\n';
    const reading = read('Producao', text);
    expect(told(reading).filter((row) => row.includes('FONTE'))).toEqual([]);
    expect(told(reading)).toContain('TINTAS/Isabel/1970 = 5');
  });

  it('E7: behind a blank column that is no year are refused: it may be the first year, and all figures one to the right', () => {
    const years = upTo(1990, 2023);
    for (const lost of ['', '19\ufeff89', '198', 'ano']) {
      const text = withTitles([lost, ...years.map(String)], years).replace(/^(\d;[^;]*;[^;]*);/gm, '$1;;');
      expect(() => read('Producao', text)).toThrow('nothing tells whether figures have moved by a column');
    }
  });

  it('E6: below two headers, of which one cannot be read, are refused: nothing tells which of them holds', () => {
    const years = upTo(1990, 2023);
    const odd = `id;control;produto;${years.map((year) => `${year / 1000}E+03`).join(';')}\n`;
    const titles = years.map((year) => String(year - 3));
    expect(() => read('Producao', withTitles(titles, years, odd))).toThrow(/^Line 1 looks like a header too/);
    expect(isRight(read('Producao', withTitles(years.map(String), years, 'Tabela 1 - Ano 1980\n')))).toBe(true);
  });

  it('E6: below a header of other years are quarantined', () => {
    const text = 'id;control;produto;1970;1971\n1;a_x;Tinto;1;2\nid;control;produto;2022;2023\n2;a_y;Branco;3;4\n';
    const reading = read('Producao', text);
    expect(told(reading)).toEqual(['null/Tinto/1970 = 1', 'null/Tinto/1971 = 2']);
    expect(reasons(reading)[1]).toMatch(/^4: line 3 looks like another header/);
  });

  it('E9: of a total are no country; at the end of a production file they are a total of no section', () => {
    const trade = read('ImpVinhos', 'Id;País;1970;1970\n1;Chile;10;20\n2;Total;10;20\n');
    expect(told(trade)).toEqual(['Chile/1970 = 10, 20']);
    expect(reasons(trade)).toEqual(['3: "Total" is a total of other lines, not a country']);
    const production = read('Producao', 'id;control;produto;1970\n1;SUCO;SUCO;1\n2;su_a;A;1\n3;;TOTAL;1\n');
    expect(production.rows.at(-1)).toMatchObject({ section: null, product: 'TOTAL', is_total: true, quantity: 1 });
  });

  it('E9: of a file that was pasted twice are there once', () => {
    const text = 'id;control;produto;1970;1971\n1;SUCO;SUCO;1;2\n2;su_a;A;3;4\n';
    const reading = read('Producao', text + text);
    expect(reading.rows.map(({ line }) => line)).toEqual([2, 2, 3, 3]);
    expect(reasons(reading).slice(1)).toEqual(['5: the line repeats line 2', '6: the line repeats line 3']);
  });

  it.each([
    ['the header', ';', ''],
    ['the lines', '', ';'],
    ['all of it', ';', ';'],
    ['the lines, three times', '', ';;;'],
  ])('E10: that end in a delimiter are read: behind %s', (_, header, line) => {
    const reading = read('Producao', `id;control;produto;1970;1971${header}\n1;a_x;A;1;2${line}\n2;a_y;B;3;4${line}\n`);
    expect(told(reading)).toEqual(['null/A/1970 = 1', 'null/A/1971 = 2', 'null/B/1970 = 3', 'null/B/1971 = 4']);
    expect(reading.quarantine).toEqual([]);
  });

  it('E11: with a quote that never closes are quarantined, and those below stand in their section', () => {
    const text = 'id;control;produto;1970\n1;TINTAS;TINTAS;1\n2;ti_a;A;2\n3;SUCO;"SUCO;3\n4;su_b;B;4\n';
    const reading = read('Producao', text);
    expect(told(reading)).not.toContain('"SUCO/B/1970 = 4');
    expect(told(reading).filter((row) => row.includes('"'))).toEqual([]);
    expect(reasons(reading)[0]).toMatch(/^4: /);
  });
});

describeWith(samples('cases/embrapa'), 'the small files that went wrong', (folder) => {
  const seen = (name: string) => read(name.split('.')[1], readFileSync(join(folder, `${name}.csv`), 'utf8'));
  it('E1, E2: are read', () => {
    expect(seen('float-years-from-1980.Producao').rows).toHaveLength(88);
    expect(seen('pandas-duplicate-years.ImpVinhos').rows).toHaveLength(108);
  });
  it('E5, E6, E7, E9: are right', () => {
    expect(new Set(seen('control-is-zero.Comercio').rows.map(({ section }) => section)).size).toBe(2);
    expect(seen('second-header-other-years.Producao').rows).toHaveLength(2);
    expect(told(seen('future-year.Producao'))).toEqual(['null/Tinto/2022 = 1']);
    expect(told(seen('total-line.ImpVinhos'))).toEqual(['Chile/1970 = 10, 20']);
  });
});
