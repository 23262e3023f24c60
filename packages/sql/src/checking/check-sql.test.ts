import { InvalidRequest } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { checkSql } from './check-sql.ts';

const messageOf = (sql: string, parameters = {}): string => {
  try {
    checkSql(sql, parameters);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.message;
    throw error;
  }
  return 'It was taken.';
};

describe('the tables of a query', () => {
  const tablesOf = (sql: string) => checkSql(sql, {}).tables;

  it('are named once each, in lower case, quoted or not', () => {
    expect(tablesOf('SELECT * FROM Wine, "WINE" w2, wine w3')).toEqual(['wine']);
  });

  it('are those outside of the query to which a WITH belongs', () => {
    expect(tablesOf('SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a')).toEqual(['a']);
    expect(tablesOf('SELECT * FROM a WHERE x IN (WITH a AS (SELECT 1 AS x) SELECT x FROM a)')).toEqual(['a']);
    expect(tablesOf('WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM (SELECT * FROM A)) b')).toEqual([]);
  });

  it('are seen by a named query until a name hides them', () => {
    expect(tablesOf('WITH wine AS (SELECT * FROM wine WHERE year > 2000) SELECT * FROM wine')).toEqual(['wine']);
    expect(tablesOf('WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b')).toEqual(['b']);
    expect(tablesOf('WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b UNION SELECT * FROM a')).toEqual([]);
    expect(tablesOf('WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM a, b')).toEqual(['b']);
  });

  it('are not what a recursive query says of itself', () => {
    const sql = (rest: string) => `WITH RECURSIVE t (n) AS (${rest}) SELECT * FROM t`;
    expect(tablesOf(sql('SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5'))).toEqual([]);
    expect(tablesOf(sql('SELECT n FROM s UNION SELECT n + 1 FROM t JOIN u USING (n)'))).toEqual(['s', 'u']);
    expect(tablesOf(sql('SELECT n + 1 FROM t'))).toEqual(['t']);
  });

  it('have no prefix', () => {
    expect(messageOf('SELECT *\nFROM a.b')).toBe("Line 2, column 6: 'a.b': tables have no prefix here.");
  });

  it('are not asked with an alias or a column of their name', () => {
    expect(tablesOf('SELECT b.c, d FROM wine b WHERE b.e > 1')).toEqual(['wine']);
  });
});

describe('a query whose answer changes by itself', () => {
  it.each([
    'SELECT now()',
    'SELECT current_date',
    "SELECT a FROM t WHERE at > CURRENT_TIMESTAMP(3) - INTERVAL '1' DAY",
    'SELECT localtime, LOCALTIMESTAMP, current_time',
    'SELECT a FROM t ORDER BY Random()',
    'SELECT "rand"(10)',
    'SELECT uuid()',
    'SELECT shuffle(ARRAY[1, 2])',
    'SELECT * FROM t TABLESAMPLE SYSTEM (10)',
    'WITH a AS (SELECT (SELECT now() AS x) AS y) SELECT 1 FROM a',
  ])('is told apart: %s', (sql) => {
    expect(checkSql(sql, {}).volatile).toBe(true);
  });

  it('is not one with such a column or string', () => {
    expect(checkSql('SELECT "now", t.uuid, \'random()\' FROM t', {}).volatile).toBe(false);
  });
});

describe('what is said of a text that is not taken', () => {
  it.each([
    ['SELECT FROM wine', "Line 1, column 8: 'FROM' is not expected here."],
    ['SELECT a\nFROM wine\nWHERE', 'Line 3, column 6: More is expected.'],
    ['SELECT a, FROM wine', "Line 1, column 11: 'FROM' is not expected here."],
    ['SELECT count(*) FORM wine', "Line 1, column 22: 'wine' is not expected here."],
    ['WITH a (SELECT 1) SELECT 1', "Line 1, column 9: 'SELECT' is not expected here."],
    ['SELECT * FROM a JOIN b', 'Line 1, column 23: More is expected.'],
    ['SELECT 1 FETCH FIRST 2', "Line 1, column 23: More is expected. Expected: 'ROW' or 'ROWS'."],
    [
      'SELECT "日本", \'é\', ü',
      'Line 1, column 19: The character \'ü\' (U+00FC) is not taken outside of strings and "quoted names".',
    ],
    ["SELECT '😀', ;", 'Line 1, column 13: Leave the semicolon out: one query is taken.'],
    ["SELECT 'a", 'Line 1, column 8: The string that begins here is not closed.'],
    ['SELECT (1', "Line 1, column 8: '(' is not closed."],
    ['SELECT 1)', "Line 1, column 9: ')' closes nothing."],
    ['SELECT (1]', "Line 1, column 10: ']' stands where '(' is still open."],
    ['SELECT summ(a) FROM t', "Line 1, column 8: There is no function 'summ'. Perhaps you mean sum."],
    ['SELECT ifnull(a, 0) FROM t', "Line 1, column 8: There is no function 'ifnull'. Perhaps you mean coalesce."],
    ["SELECT read_csv('x')", "Line 1, column 8: There is no function 'read_csv'."],
    ['SELECT CAST(a AS nvarchar) FROM t', "Line 1, column 18: There is no type 'nvarchar'."],
    ['SELECT a FROM t WHERE a = ?', 'Line 1, column 27: Parameters have names here: write :name.'],
    ['SELECT 1 --x', 'Line 1, column 10: Leave the comment out (two minuses begin one: write - (-1)).'],
    ['SELECT `a`', 'Line 1, column 8: Names are quoted by "double quotes".'],
    [
      'drop table wine',
      "Line 1, column 1: 'DROP' cannot be asked here: one query is taken, which begins with SELECT or WITH.",
    ],
  ])('%j: %s', (sql, message) => {
    expect(messageOf(sql)).toBe(message);
  });
});
