import { describe, expect, it } from '@jest/globals';
import { sniffDialect } from './csv/dialect.ts';
import { findTables } from './csv/table-dialects.ts';
import { lookAtCsv } from './read-csv.ts';
import { csvInput, readCsvText } from './testing/read-csv-text.ts';

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i + 1)}\n`).join('');

/** Names, types and rows of each table of a file. */
const tablesOf = (text: string) =>
  Promise.all(
    findTables(csvInput(text)).map(async ({ dialect }) => {
      const { names, types, rows, quarantined } = await readCsvText(text, { dialect });
      return { names, types, rows: rows.length, quarantined };
    }),
  );

const people = `id;name;val\n${lines(20, (i) => `${i};n${i};${i / 4}`)}`;
const cities = `code;city;pop\n${lines(30, (i) => `${i * 7};c${i};${i * 1000}`)}`;
const wide = `ano;uf;a;b\n${lines(15, (i) => `${1990 + i};U${i % 5};${i};${i * 2}`)}`;
const long = `id;name;val\n${lines(30_000, (i) => `${i};n${i};${i / 4}`)}`;

const PEOPLE = { names: ['id', 'name', 'val'], types: ['int32', 'string', 'double'], rows: 20, quarantined: 0 };
const CITIES = { names: ['code', 'city', 'pop'], types: ['int32', 'string', 'int32'], rows: 30, quarantined: 0 };
const WIDE = { names: ['ano', 'uf', 'a', 'b'], types: ['int32', 'string', 'int32', 'int32'], rows: 15, quarantined: 0 };

describe('several tables in one file', () => {
  it.each<[string, string, object[]]>([
    ['of the same width', people + cities, [PEOPLE, CITIES]],
    ['of the same width, with a blank line', `${people}\n${cities}`, [PEOPLE, CITIES]],
    ['of another width', people + wide, [PEOPLE, WIDE]],
    ['of another width, the wider one first', wide + people, [WIDE, PEOPLE]],
    ['of another width, with a blank line', `${people}\n\n${wide}`, [PEOPLE, WIDE]],
    ['with a line of delimiters between them', `${people};;\n${cities}`, [PEOPLE, CITIES]],
    ['with a title above each', `Tabela 1\n${people}\nTabela 2 - Cidades\n${cities}`, [PEOPLE, CITIES]],
    ['three of them', `${people}\n${cities}\n${wide}`, [PEOPLE, CITIES, WIDE]],
    ['far behind the beginning', long + cities, [{ ...PEOPLE, rows: 30_000 }, CITIES]],
  ])('C11: %s are told apart, each with its header and types', async (_, text, expected) => {
    expect(await tablesOf(text)).toEqual(expected);
    await expect(readCsvText(text)).rejects.toThrow(
      /the file holds \d tables, one after the other \(lines .*declare header_line, first_line and last_line/,
    );
  });

  it('C11: far below, none needs the rows above it in memory', () => {
    const input = csvInput(long + cities);
    const [, { dialect }] = findTables(input);
    for (const declared of [dialect, { header_line: dialect.header_line, first_line: dialect.first_line }]) {
      const { layout } = lookAtCsv(input, { dialect: declared });
      expect([layout.header, layout.rows.length, layout.head.length]).toEqual([['code', 'city', 'pop'], 31, 2 ** 18]);
    }
  });

  it('C11: with two columns each, where a blank line or a title parts them', async () => {
    const text = 'uf;valor\nSP;10\nRJ;20\nMG;30\n\npais;total\nBR;1\nAR;2\nCL;4\n';
    expect((await tablesOf(text)).map(({ names, rows }) => [names, rows])).toEqual([
      [['uf', 'valor'], 3],
      [['pais', 'total'], 3],
    ]);
  });

  it('C11: with two columns each and nothing between them, where a column or the writing of its words changes', async () => {
    const styles = 'uf;valor\nSP;10\nRJ;20\nMG;30\npais;total\nBR;1\nAR;2\nCL;4\n';
    expect((await tablesOf(styles)).map(({ names }) => names)).toEqual([
      ['uf', 'valor'],
      ['pais', 'total'],
    ]);
    const types = `id;v\n${lines(200, (i) => `${i};${i}`)}uf;pop\n${lines(200, (i) => `U${i};${i}`)}`;
    expect((await tablesOf(types)).map(({ names, rows }) => [names, rows])).toEqual([
      [['id', 'v'], 200],
      [['uf', 'pop'], 200],
    ]);
  });

  it('C11: of nothing but text, by their widths; of one width it is told', async () => {
    const names = `nome;uf\n${lines(20, (i) => `n${i};SP`)}`;
    const text = `${names}\nproduto;tipo;cor\n${lines(20, (i) => `p${i};t;c`)}`;
    expect((await tablesOf(text)).map(({ names, rows }) => [names, rows])).toEqual([
      [['nome', 'uf'], 20],
      [['produto', 'tipo', 'cor'], 20],
    ]);
    const { dialect } = await readCsvText(`${names}\nproduto;tipo\n${lines(20, (i) => `p${i};t`)}`);
    expect(dialect.uncertain).toMatchObject([{ about: 'tables', line: 23 }]);
  });

  it('C11: where nothing but one word says so, both readings are told and nothing is lost', async () => {
    const text = 'Lugar;Valor\nBahia;10\nRio;20\nMinas;30\nPais;Total\nBrasil;1\nPeru;2\nChile;4\n';
    const { dialect, rows_read, published } = await readCsvText(text);
    expect(dialect.uncertain).toMatchObject([{ about: 'tables', line: 5 }]);
    expect([rows_read, published]).toEqual([7, 7]);
  });

  it('C11: the evidence of the dialect names the line where another table begins', () => {
    expect(sniffDialect(Buffer.from(`${people}\n${cities}`)).uncertain).toMatchObject([{ about: 'tables', line: 23 }]);
  });

  it('C11: with a contract the second table is not taken for rows of the first', async () => {
    const contract = { fields: [{ name: 'id', type: 'int32', nullable: false }] as const };
    await expect(readCsvText(long + cities, { contract })).rejects.toThrow(/2 tables/);
  });

  it('C11: metadata above the header, odd rows and blank lines are no tables', async () => {
    const one = async (text: string) => [findTables(csvInput(text)).length, (await readCsvText(text)).rows_read];
    expect(await one(`Estação;Campinas\nLatitude;-22.9\nCódigo;A701\nFundação;2001-02-03\n\n${wide}`)).toEqual([1, 15]);
    expect(await one(`${people}\n\n21;x;9\n`)).toEqual([1, 21]);
    expect(await one(`${people}21;x;nd\n22;y;n/a\n23;z;abc\n24;w;5\n`)).toEqual([1, 24]);
    expect(await one(`${people}Total;;95\n`)).toEqual([1, 21]);
    expect(await one(lines(300, (i) => `w${i};x${i % 7};y${i % 3}`))).toEqual([1, 300]);
  });
});
