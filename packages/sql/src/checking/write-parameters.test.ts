import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InvalidRequest } from '@granary/domain/errors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkSql } from './check-sql.ts';
import type { Parameters } from './read-parameters.ts';

const refusal = (sql: string, parameters: Parameters): InvalidRequest => {
  try {
    checkSql(sql, parameters);
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error('It was taken.');
};

const sqlOf = (sql: string, parameters: Parameters) => checkSql(sql, parameters).sql.replace(/ +/g, ' ').trim();

describe('named parameters', () => {
  it('become literals of their type', () => {
    const parameters = { s: "it's", n: 5, m: -5, d: 0.1, e: -1e30, big: 2 ** 53, t: true, f: false, none: null };
    expect(sqlOf('SELECT :s, :n, :m, :d, :e, :big, :t, :f, :none', parameters)).toBe(
      "SELECT 'it''s' , 5 , (-5) , 1E-1 , (-1E+30) , 9.007199254740992E+15 , true , false , null",
    );
  });

  it('may stand more than once, next to anything, and be called like a word of SQL', () => {
    expect(sqlOf('SELECT :a+:a*(:select)||:a1', { a: 1, select: 'x', a1: 'y' })).toBe("SELECT 1 + 1 *( 'x' )|| 'y'");
    expect(sqlOf('SELECT a[:n], date :d FROM t LIMIT :n', { n: 2, d: '2024-01-31' })).toBe(
      "SELECT a[ 2 ], date '2024-01-31' FROM t LIMIT 2",
    );
  });

  it('are not found in strings, quoted names, JSON paths and JSON objects', () => {
    const sql = "SELECT ':a', \":a\", json_value(j, 'lax $.a:b'), json_object('k' : v, 'l': :p) FROM t";
    expect(sqlOf(sql, { p: 1 })).toBe(sql.replace(': :p', ': 1 '));
  });

  it('are refused where they are missing or left over, with those there are', () => {
    const missing = refusal('SELECT\n :since', { until: 1 });
    expect(missing.message).toBe("Line 2, column 2: There is no parameter 'since'; given is 'until'.");
    expect(missing.fields[0].field).toBe('sql');
    expect(refusal('SELECT :a', {}).message).toBe(
      "Line 1, column 8: There is no parameter 'a'; no parameters are given.",
    );
    expect(refusal('SELECT :A', { a: 1 }).message).toBe("Line 1, column 8: There is no parameter 'A'; given is 'a'.");
    expect(refusal('SELECT :toString', {}).message).toContain("There is no parameter 'toString'");
    const unused = refusal('SELECT :a', { a: 1, b: 2 });
    expect(unused.message).toBe("The parameter 'b' is given, and the query does not use it: it has :a.");
    expect(unused.fields[0].field).toBe('parameters.b');
  });

  it('are refused when they are no text, no number, or too much', () => {
    expect(refusal('SELECT :a', { a: 'x\0' }).message).toContain('U+0000');
    expect(refusal('SELECT :a', { a: '\ud800' }).message).toContain('lone surrogate');
    expect(refusal('SELECT :a', { a: Number.NaN }).message).toContain('nan()');
    expect(refusal('SELECT :a', { a: 'é'.repeat(131_072) }).message).toContain('262144 bytes');
  });

  it('are counted before they are written: a long one at thousands of places would be longer than any string', () => {
    const sql = `SELECT ${':p,'.repeat(6_600)}1`;
    expect(refusal(sql, { p: "'".repeat(100_000) }).message).toContain('262144 bytes');
  });

  it('join with nothing that stands beside them', () => {
    for (const sql of [
      "SELECT 'a':p",
      "SELECT :p'a'",
      'SELECT e:p',
      'SELECT x:p',
      'SELECT u&:p',
      'SELECT :p:p',
      'SELECT ::p',
    ])
      expect(() => checkSql(sql, { p: "'; DROP TABLE wine --" })).toThrow(InvalidRequest);
    expect(sqlOf('SELECT 1-:p', { p: -1 })).toBe('SELECT 1- (-1)');
  });

  it('leave places of errors where they were in the text', () => {
    expect(refusal('SELECT :a, nope(1)', { a: 'many\nlines\nand letters' }).message).toMatch(/^Line 1, column 12: /);
  });
});

describe('a literal that was written for a parameter', () => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(() => connection.closeSync());
  const answered = async (value: string | number | boolean | null) => {
    const { sql } = checkSql('SELECT :p AS x', { p: value });
    const [[answer]] = (await connection.runAndReadAll(sql)).getRowsJS();
    return typeof answer === 'bigint' ? Number(answer) : answer;
  };

  const TEXTS = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(
        "'",
        '"',
        '\\',
        '-',
        '-',
        '/',
        '*',
        ';',
        '$',
        ':',
        '\n',
        'a',
        ' ',
        '`',
        '?',
        '\u2019',
        '😀',
      ),
    }),
  );

  it('gives any text back', async () => {
    await fc.assert(
      fc.asyncProperty(TEXTS, async (text) => {
        fc.pre(!text.includes('\0') && text.isWellFormed());
        expect(await answered(text)).toBe(text);
      }),
    );
  });

  it('gives any number, boolean and null back', async () => {
    const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.integer());
    await fc.assert(
      fc.asyncProperty(fc.oneof(numbers, fc.boolean(), fc.constant(null)), async (value) => {
        expect(await answered(value)).toEqual(value === 0 ? 0 : value);
      }),
    );
  });
});
