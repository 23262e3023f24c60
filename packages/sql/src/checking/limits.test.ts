import { InvalidRequest } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { RuleStopState } from 'antlr4ng';
import { TrinoSqlParser } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import fc from 'fast-check';
import { checkSql } from './check-sql.ts';
import { MOST_CHARACTERS, MOST_STEPS } from './limits.ts';
import { parseSql } from './parse-sql.ts';
import { lex } from './tokens.ts';

const messageOf = (sql: string): string => {
  try {
    checkSql(sql, {});
  } catch (error) {
    if (error instanceof InvalidRequest) return error.message;
    throw error;
  }
  return 'taken';
};

const nested = (before: string, times: number, within: string, after: string) =>
  before.repeat(times) + within + after.repeat(times);

describe('the time that a text may take', () => {
  it('is bounded by its length', () => {
    expect(messageOf(`SELECT '${'x'.repeat(MOST_CHARACTERS)}'`)).toContain('20000 are the most');
  });

  it.each([
    ['brackets', '(', ')'],
    ['subqueries', '(SELECT ', ')'],
    ['arrays', 'ARRAY[', ']'],
    ['CASE', 'CASE WHEN ', ' THEN 1 END'],
    ['functions', 'abs(', ')'],
    ['lambdas', 'transform(x, y -> ', ')'],
    ['joins', '(SELECT * FROM (a JOIN ', ' ON 1 = 1))'],
  ])('is bounded by how deep it nests %s', (_, before, after) => {
    expect(messageOf(`SELECT ${nested(before, 50, '1', after)}`)).toContain('nested 20 deep at most');
    expect(messageOf(`SELECT ${nested('(', 10_000, '', '')}`)).toContain('nested 20 deep at most');
  });

  it.each([
    ['brackets', '(', ')', 19],
    ['subqueries', '(SELECT ', ')', 19],
    ['subqueries in brackets', '((SELECT ', '))', 9],
    ['arrays', 'ARRAY[', ']', 19],
    ['rows', 'row(', ')', 19],
    ['arrays of rows', 'ARRAY[row(', ')]', 9],
    ['CASE in functions', 'abs(CASE WHEN x IN (1, (', ')) THEN 2 END)', 4],
    ['CASE', 'CASE WHEN ', ' THEN 1 END', 19],
    ['lambdas in rows', '((x, y) -> ', ')', 19],
    ['JSON', "json_object('a' : ", ')', 19],
    ['windows', 'sum(a) OVER (ORDER BY ', ')', 19],
    ['trims', "trim(BOTH 'a' FROM ", ')', 19],
  ])('leaves what nests within the limit well below its bound: %s', (_, before, after, times) => {
    const { steps } = parseSql(lex(`SELECT ${nested(before, times, '1', after)}`));
    expect(steps).toBeLessThan(MOST_STEPS);
  });

  it.each([
    ['columns', `SELECT ${'a,'.repeat(9_000)}a`],
    ['conditions', `SELECT 1 WHERE a = 1${' OR a = 1'.repeat(2_000)}`],
    ['values of IN', `SELECT 1 WHERE a IN (1${',1'.repeat(9_000)})`],
    ['subqueries', `SELECT 1${`, ${nested('row((SELECT ', 9, '1', '))')}`.repeat(60)}`],
    ['NOT', `SELECT ${'NOT '.repeat(4_900)}true`],
    ['signs', `SELECT ${'- '.repeat(9_000)}1`],
  ])('is bounded by the work that long chains make: %s', (_, sql) => {
    expect(messageOf(sql)).toMatch(/^The query is (too intricate|nested too deeply)/);
  });

  it('leaves room for a thousand values and two hundred columns', () => {
    const list = Array.from({ length: 1_000 }, (_, index) => `${1_000_000 + index}`).join(', ');
    expect(messageOf(`SELECT a FROM t WHERE a IN (${list})`)).toBe('taken');
    expect(messageOf(`SELECT ${Array.from({ length: 200 }, (_, index) => `c${index}`).join(', ')} FROM t`)).toBe(
      'taken',
    );
    expect(messageOf(`SELECT a FROM t WHERE ${Array(300).fill('(a = 1 AND b = 2)').join(' OR ')}`)).toBe('taken');
  });
});

describe('any text', () => {
  const WORDS = (
    'SELECT FROM WHERE WITH AS a b.c wine \'x\' "y" ( ) [ ] , . * + - / % || = <> < > -> => : :p ? ; 1 2.5 1e3 CASE WHEN THEN END NOT AND OR IN ' +
    'BETWEEN LIKE IS NULL EXISTS UNION ALL JOIN ON CROSS UNNEST LATERAL VALUES TABLE ROW ARRAY CAST DATE INTERVAL DAY OVER PARTITION ORDER BY GROUP ' +
    "FILTER LIMIT sum( count(*) X'00' U&'a' ` $ { } | ^ -- /* */ ' \" \n INSERT DROP MATCH_RECOGNIZE PATTERN FOR VERSION OF JSON_TABLE GROUPING SETS TRIM"
  ).split(' ');

  it('is taken or refused in words, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((words) => `SELECT ${words.join(' ')}`),
          fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join('')),
          fc.string({ unit: 'binary', maxLength: 60 }),
        ),
        (sql) => expect(messageOf(sql)).toMatch(/^taken$|\.$/),
      ),
      { numRuns: 300 },
    );
  });
});

describe('the grammar of the library', () => {
  it('leads from a query to no statement, so that no part of a query can be one', () => {
    const parser = new TrinoSqlParser(lex(''));
    const found = new Set([TrinoSqlParser.RULE_query]);
    const states = new Set<unknown>();
    const waiting = [parser.atn.ruleToStartState[TrinoSqlParser.RULE_query] as never as State];
    for (let state = waiting.pop(); state; state = waiting.pop()) {
      // Where a rule ends, it goes on to all that may follow it anywhere.
      if (states.has(state) || state instanceof RuleStopState) continue;
      states.add(state);
      for (const transition of state.transitions) {
        waiting.push(transition.target);
        if (transition.followState) {
          found.add(transition.ruleIndex!);
          waiting.push(transition.followState);
        }
      }
    }
    const names = [...found].map((rule) => TrinoSqlParser.ruleNames[rule]);
    expect(names).toEqual(expect.arrayContaining(['querySpecification', 'relation', 'primaryExpression']));
    for (const name of ['statement', 'rootQuery', 'functionSpecification', 'controlStatement', 'callArgument'])
      expect(names).not.toContain(name);
  });
});

type State = { transitions: { target: State; followState?: State; ruleIndex?: number }[] };
