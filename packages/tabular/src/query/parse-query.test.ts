import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Field } from '../table.ts';
import { parseQuery, prepareQuery } from './parse-query.ts';
import { QueryError } from './query-error.ts';

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'int32', nullable: false },
  { name: 'name', type: 'string', nullable: true },
  { name: 'big', type: 'int64', nullable: true },
  { name: 'price', type: 'double', nullable: true },
  { name: 'day', type: 'date', nullable: true },
  { name: 'at', type: 'timestamp', nullable: true },
  { name: 'done', type: 'boolean', nullable: true },
  { name: 'select', type: 'string', nullable: true },
  { name: 'order', type: 'int32', nullable: true },
];

beforeAll(() => prepareQuery([['name', 'match.a']]));

const parse = (text: string) => parseQuery([...new URLSearchParams(text)], FIELDS);
const whereOf = (text: string) => parse(text).where;
const errorOf = (text: string): QueryError => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${text.slice(0, 100)} was read`);
};
const test = (column: string, of: object, negated = false) => ({ kind: 'test', column, test: of, negated });

describe('parseQuery', () => {
  it('reads filters by the type of their column', () => {
    expect(whereOf('id=gte.5')).toEqual(test('id', { is: 'gte', value: 5 }));
    expect(whereOf('big=neq.-9223372036854775808')).toEqual(test('big', { is: 'neq', value: -(2n ** 63n) }));
    expect(whereOf('price=lt.1e3')).toEqual(test('price', { is: 'lt', value: 1000 }));
    expect(whereOf('price=eq.nan')).toEqual(test('price', { is: 'eq', value: Number.NaN }));
    expect(whereOf('day=gt.1970-01-02')).toEqual(test('day', { is: 'gt', value: 1 }));
    expect(whereOf('day=lt.infinity')).toEqual(test('day', { is: 'lt', value: Infinity }));
    expect(whereOf('at=eq.1970-01-01T01:00:00%2B01:00')).toEqual(test('at', { is: 'eq', value: 0 }));
    expect(whereOf('at=eq.1970-01-01 00:00:00.123456')).toEqual(test('at', { is: 'eq', value: 123.456 }));
    expect(whereOf('done=eq.T')).toEqual(test('done', { is: 'eq', value: true }));
    expect(whereOf('name=eq.a.b,c')).toEqual(test('name', { is: 'eq', value: 'a.b,c' }));
    expect(whereOf('name=not.ilike.*x%')).toEqual(test('name', { is: 'ilike', pattern: '%x%' }, true));
    expect(whereOf('name=is.not_null')).toEqual(test('name', { is: 'null' }, true));
    expect(whereOf('name=not.isdistinct.x')).toEqual(test('name', { is: 'distinct', value: 'x' }, true));
  });

  it('reads lists with quotes and escapes', () => {
    expect(whereOf(String.raw`name=in.("a,b","c\"d\\",e f,)`)).toEqual(
      test('name', { is: 'in', values: ['a,b', 'c"d\\', 'e f', ''] }),
    );
    expect(whereOf('id=in.(1, 2 ,3)')).toEqual(test('id', { is: 'in', values: [1, 2, 3] }));
    expect(whereOf('name=in.("")')).toEqual(test('name', { is: 'in', values: [''] }));
    expect(whereOf('id=in.("")')).toEqual({ kind: 'any', of: [] });
    expect(whereOf('name=in.()')).toEqual({ kind: 'any', of: [] });
    expect(whereOf('name=not.in.()')).toEqual({ kind: 'all', of: [] });
    expect(whereOf('name=like(any).{a*,"b,*"}')).toEqual({
      kind: 'any',
      of: [test('name', { is: 'like', pattern: 'a%' }), test('name', { is: 'like', pattern: 'b,%' })],
    });
  });

  it('R2: passes over blanks behind the bracket of a list, and only there', () => {
    expect(whereOf('name=in.( "Hebdon, John","David White")')).toEqual(
      test('name', { is: 'in', values: ['Hebdon, John', 'David White'] }),
    );
    expect(whereOf('id=in.(   )')).toEqual({ kind: 'any', of: [] });
    expect(whereOf('id=not.in.( )')).toEqual({ kind: 'all', of: [] });
    expect(whereOf('name=in.("a" ,b )')).toEqual(test('name', { is: 'in', values: ['"a" ', 'b '] }));
  });

  it('R3: reads braces as array literals, also in trees; of a NULL nothing is known', () => {
    const never = { kind: 'any', of: [] };
    expect(whereOf('name=eq(any).{null}')).toEqual({ kind: 'any', of: [never] });
    expect(whereOf('name=eq(any).{ a , "b c" ,"null"}')).toEqual({
      kind: 'any',
      of: ['a', 'b c', 'null'].map((value) => test('name', { is: 'eq', value })),
    });
    expect(whereOf('id=not.eq(all).{1970,NULL}')).toEqual({
      kind: 'any',
      of: [test('id', { is: 'eq', value: 1970 }, true), never],
    });
    expect(whereOf('or=(id.gt(all).{1,2},name.eq(any)."{a,\\"b,c\\"}")')).toEqual({
      kind: 'any',
      of: [
        { kind: 'all', of: [1, 2].map((value) => test('id', { is: 'gt', value })) },
        { kind: 'any', of: ['a', 'b,c'].map((value) => test('name', { is: 'eq', value })) },
      ],
    });
    expect(errorOf('id=eq(any).{1,,2}')).toMatchObject({ code: '22P02', message: 'malformed array literal: "{1,,2}"' });
  });

  it('R5: takes the last limit and offset, and the first select and order', () => {
    expect(parse('limit=2&limit=3&offset=4&offset=5&select=id&select=name&order=id&order=name')).toMatchObject({
      limit: 3,
      offset: 5,
      select: [{ column: 'id' }],
      order: [{ by: { column: 'id' } }],
    });
    expect(parse('limit=2&limit=').limit).toBeNull();
  });

  it('casts whole numbers to numeric without loss', () => {
    expect(parse('select=big::numeric,id::decimal,price::numeric').select.map(({ cast }) => cast)).toEqual([
      'int64',
      'int64',
      'double',
    ]);
  });

  it('moves negations of trees to their leaves', () => {
    expect(whereOf('not.or=(id.eq.1, and(name.not.eq."(x,y)",not.or(done.is.true)) )')).toEqual({
      kind: 'all',
      of: [
        test('id', { is: 'eq', value: 1 }, true),
        {
          kind: 'any',
          of: [
            test('name', { is: 'eq', value: '(x,y)' }, false),
            { kind: 'any', of: [test('done', { is: 'true' }, false)] },
          ],
        },
      ],
    });
  });

  it('takes several filters on one column together', () => {
    expect(whereOf('id=gte.1&id=lt.9&limit=2')).toEqual({
      kind: 'all',
      of: [test('id', { is: 'gte', value: 1 }), test('id', { is: 'lt', value: 9 })],
    });
  });

  it('reaches columns with reserved names by an operator, in quotes and in trees', () => {
    const condition = test('select', { is: 'eq', value: 'x' });
    expect(whereOf('select=eq.x')).toEqual(condition);
    expect(whereOf('%22select%22=eq.x')).toEqual(condition);
    expect(whereOf('and=(select.eq.x)')).toEqual({ kind: 'all', of: [condition] });
    expect(parse('select="select",order&order=order').select.map(({ field }) => field.name)).toEqual([
      'select',
      'order',
    ]);
    expect(errorOf('limit=eq.5').code).toBe('PGRST100');
  });

  it('reads select with aliases, casts and aggregates, and names results as PostgREST does', () => {
    const { select, grouped } = parse(
      'select=a:id,name::text,big.sum(),t:price.sum()::text,id::int8.avg(),day.max(),count(),n:name.count()',
    );
    expect(select.map(({ field }) => [field.name, field.type, field.json ?? false])).toEqual([
      ['a', 'int32', false],
      ['name', 'string', false],
      ['sum', 'string', true],
      ['t', 'string', false],
      ['avg', 'double', false],
      ['max', 'date', false],
      ['count', 'int64', false],
      ['n', 'int64', false],
    ]);
    expect(grouped).toBe(true);
    expect(parse('select=count').select[0]).toMatchObject({ column: null, aggregate: 'count' });
    expect(parse('select=*,*').select).toHaveLength(18);
    expect(parse('select=*,id').select.map(({ field }) => field.name)).toEqual([
      ...FIELDS.map(({ name }) => name),
      'id',
    ]);
    expect(parse('select=').select).toHaveLength(9);
  });

  it('reads order by columns, and by what select calls something', () => {
    expect(parse('order=id.desc,name.nullsfirst,day.asc').order).toEqual([
      { by: { column: 'id' }, descending: true, nullsFirst: true },
      { by: { column: 'name' }, descending: false, nullsFirst: true },
      { by: { column: 'day' }, descending: false, nullsFirst: false },
    ]);
    expect(parse('select=name,total:id.sum()&order=total.desc.nullslast,name').order).toEqual([
      { by: { output: 1 }, descending: true, nullsFirst: false },
      { by: { output: 0 }, descending: false, nullsFirst: false },
    ]);
    expect(errorOf('select=name,id.sum()&order=price')).toMatchObject({ code: '42803' });
  });

  it('reads limit and offset', () => {
    expect(parse('limit=5&offset=7')).toMatchObject({ limit: 5, offset: 7 });
    expect(parse('')).toMatchObject({ limit: null, offset: 0, where: null });
    expect(parse('offset=-4').offset).toBe(0);
    expect(errorOf('limit=-1')).toMatchObject({
      status: 416,
      code: 'PGRST103',
      message: 'Requested range not satisfiable',
      details: 'Limit should be greater than or equal to zero.',
    });
    expect(errorOf('limit=ten').code).toBe('PGRST100');
  });

  it.each([
    ['id=eq.abc', '22P02', 'invalid input syntax for type integer: "abc"'],
    ['id=eq.1.5', '22P02', 'invalid input syntax for type integer: "1.5"'],
    ['id=eq.3000000000', '22003', 'value "3000000000" is out of range for type integer'],
    [`big=eq.${'9'.repeat(500)}`, '22003', `value "${'9'.repeat(200)}…" is out of range for type bigint`],
    ['price=eq.1e999', '22003', '"1e999" is out of range for type double precision'],
    ['done=eq.maybe', '22P02', 'invalid input syntax for type boolean: "maybe"'],
    ['day=eq.today?', '22007', 'invalid input syntax for type date: "today?"'],
    ['day=eq.2021-02-29', '22008', 'date/time field value out of range: "2021-02-29"'],
    ['at=eq.2021-01-01T25:00', '22008', 'date/time field value out of range: "2021-01-01T25:00"'],
    ['id=like.1*', '42883', 'operator does not exist: integer ~~ unknown'],
    ['id=is.true', '42804', 'argument of IS TRUE must be type boolean, not type integer'],
    ['select=done.sum()', '42883', 'function sum(boolean) does not exist'],
    ['select=id::money', '42704', 'type "money" does not exist'],
    ['select=day::bool', '42846', 'cannot cast type date to boolean'],
    [String.raw`name=like.a\ `.trim(), '22025', 'LIKE pattern must not end with escape character'],
    ['id=abc', 'PGRST100', '"failed to parse filter (abc)" (line 1, column 1)'],
    ['id=noop.1', 'PGRST100', '"failed to parse filter (noop.1)" (line 1, column 1)'],
    ['name=is.nil', 'PGRST100', '"failed to parse filter (is.nil)" (line 1, column 4)'],
    ['or=()', 'PGRST100', '"failed to parse logic tree (())" (line 1, column 4)'],
    ['or=(id.eq.1', 'PGRST100', '"failed to parse logic tree ((id.eq.1)" (line 1, column 11)'],
    ['name=match.(', '2201B', 'invalid regular expression: missing closing ): `(`'],
    ['order=id.descc', 'PGRST100', '"failed to parse order (id.descc)" (line 1, column 3)'],
    ['select=id,,name', 'PGRST100', '"failed to parse select parameter (id,,name)" (line 1, column 4)'],
    ['select=other(id)', 'PGRST200', "Could not find a relationship between the dataset and 'other'"],
    ['other.id=eq.1', 'PGRST108', "Cannot apply filter because 'other' is not an embedded resource in this request"],
  ])('says what is wrong with %s', (text, code, message) => {
    expect(errorOf(text)).toMatchObject({ status: 400, code, message });
  });

  it('names the columns there are when one is unknown, and one that is near', () => {
    const known = 'The columns are id, name, big, price, day, at, done, select, order.';
    expect(errorOf('nam=eq.1')).toMatchObject({
      code: '42703',
      message: 'column nam does not exist',
      hint: `Perhaps you meant to reference the column "name". ${known}`,
    });
    for (const text of ['select=zzz', 'order=zzz', 'or=(zzz.eq.1)', 'zzz=is.null'])
      expect(errorOf(text)).toMatchObject({ code: '42703', message: 'column zzz does not exist', hint: known });
  });

  it('refuses what is too big', () => {
    const nested = (depth: number) => `and=${'(and'.repeat(depth - 1)}(id.eq.1)${')'.repeat(depth - 1)}`;
    expect(whereOf(nested(10))).not.toBeNull();
    const conditions = (count: number) => `or=(${'id.eq.1,'.repeat(count - 1)}id.eq.2)`;
    expect(whereOf(conditions(1000))).not.toBeNull();
    const values = (count: number) => `id=in.(${'1,'.repeat(count - 1)}2)`;
    expect(whereOf(values(10_000))).not.toBeNull();
    for (const text of [
      nested(11),
      nested(5000),
      conditions(1001),
      values(10_001),
      `name=eq.${'x'.repeat(66_000)}`,
      `select=${'*,'.repeat(500)}*`,
      'id=eq.1&'.repeat(1200),
      `order=${'id,'.repeat(200)}id`,
    ])
      expect(errorOf(text)).toMatchObject({ status: 400, code: 'PGRST100' });
  });

  it('throws QueryError and nothing else', () => {
    const word = fc.constantFrom(
      ...[
        'select',
        'order',
        'and',
        'or',
        'not.',
        'eq.',
        'in.',
        'is.',
        'like.',
        '(any).',
        'id',
        'name',
        'day',
        'big',
        '.sum()',
      ],
      ...[
        '(',
        ')',
        '{',
        '}',
        '"',
        '\\',
        ',',
        '.',
        ':',
        '::',
        '*',
        ' ',
        '-',
        '->',
        'null',
        '1',
        'text',
        'desc',
        '\ud800',
        '\0',
      ],
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 3 }), (parameters) => {
        try {
          parseQuery(parameters, FIELDS);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('takes no long time over 64 KiB that are made to take it', () => {
    const big = 60_000;
    for (const text of [
      `name=in.(${String.raw`"x\",`.repeat(big / 5)}`,
      `or=(${'('.repeat(big)}`,
      `or=(${'name.eq.{,'.repeat(900)})`,
      `select=${'a:'.repeat(big / 2)}`,
      `select=${'"'.repeat(big)}`,
      `order=${'-'.repeat(big)}`,
      `not.and=${' '.repeat(big)}`,
      `${'x'.repeat(big)}=eq.1`,
      `big=eq.${'1'.repeat(big)}`,
    ])
      expect(() => parse(text)).toThrow(QueryError);
  });
});
