/** Requests of every kind at random: such as can be answered, and one in five with one thing wrong in it. */
import type { ColumnType } from '@granary/tabular/table';
import fc from 'fast-check';
import { type Asking, asking } from './asking.ts';
import { NOTES, PRODUCTS, SCHEMA } from './sample-table.ts';
import { spoil } from './spoilt-requests.ts';

type Parameter = readonly [name: string, value: string];
type Weighted<T> = { weight: number; arbitrary: fc.Arbitrary<T> };

const COLUMNS = SCHEMA.fields.map(({ name }) => name);
const TYPE = new Map<string, ColumnType>(SCHEMA.fields.map(({ name, type }) => [name, type]));
const typeOf = (column: string): ColumnType => TYPE.get(column) as ColumnType;

const VALUES: Readonly<Record<ColumnType, readonly string[]>> = {
  int32: ['0', '1', '-1', '7', '100', '480', '1970', '2000', '+5', ' 12 ', '2147483647', '-2147483648'],
  int64: ['0', '1', '-5', '7', '9007199254740993', '9007199254740992', '9223372036854775807', '-9223372036854775808'],
  double: ['0', '0.1', '-0.1', '.5', '5.', '1e15', '1.5e0', '-1234.5', '1e-7', 'NaN', 'Infinity', '-inf', '217208604'],
  boolean: ['true', 'false', 't', 'f', 'yes', 'no', 'on', 'off', 'of', '1', '0', 'TRUE', ' true '],
  date: ['1970-01-01', '2000-02-29', '0001-01-01', '9999-12-31', '2024-1-5', 'infinity', '-infinity', '1969-12-31'],
  timestamp: [
    ...['1970-01-01', '2024-02-29T12:00:00.001Z', '2024-02-29 12:00:00.12', '1969-12-31T23:59:59.999+00'],
    ...['2024-02-29T09:00:00.001-03:00', '9999-12-31T23:59:59.999Z', 'infinity', '2024-02-29T12:00'],
  ],
  string: [...PRODUCTS, ...NOTES],
};
const PATTERNS = [
  ...['*', '%', '_', 'T*', '*o', '*a*', '%a%', 'a_b', 'a\\_b', '*\\\\*', '%\\%', 'istanbul', 'İSTANBUL', '*σ', '*Σ*'],
  ...[
    'οδο_',
    'STRASSE',
    'straße',
    'STRAßE',
    'ẞ',
    'ß',
    '🍇*',
    '__',
    '*"*',
    'null',
    '',
    'k',
    'ǆ',
    '*,*',
    'hebdon*',
    '*É*',
  ],
];
const EXPRESSIONS = [
  ...[
    '^T',
    'o$',
    '.',
    '',
    'a.*o',
    '^[A-Z]',
    '[0-9]+',
    '\\d',
    '\\w+ \\w+',
    '^.{5}$',
    '(tin|bran)to',
    'x*',
    '\\.',
    '^İ',
    'σ',
  ],
  ...['SUCO', '[[:upper:]]{3}', 'ß', '^$', '^ $', 'é', 'a|b', '\\\\', '"', '[^a-z]', 'l{2}', '(?:a,b)', '[,(]'],
];

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
const chance = (percent: number): fc.Arbitrary<boolean> => fc.nat(99).map((n) => n < percent);
const needsQuotes = (text: string): boolean => /[,()"\\{}]|^\s|\s$|^$|^null$/i.test(text);

const inList = (text: string): fc.Arbitrary<string> =>
  chance(needsQuotes(text) ? 100 : 20).map((yes) => (yes ? quoted(text) : text));
const listOf = (values: fc.Arbitrary<string>, comma = ','): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(values.chain(inList), { maxLength: 4 }), chance(15))
    .map(([texts, loose]) => texts.join(loose ? comma : ','));

const IS: Readonly<Record<string, readonly string[]>> = {
  boolean: ['null', 'true', 'false', 'unknown', 'NULL'],
  other: ['null', 'null', 'NULL'],
};

/** `operator.value` of a column. In a tree a value that has commas or brackets stands in quotes. */
const testOf = (column: string, inTree: boolean): fc.Arbitrary<string> => {
  const type = typeOf(column);
  const value = fc.constantFrom(...VALUES[type]);
  const plain = (text: string): string => (inTree && needsQuotes(text) ? quoted(text) : text);
  const one = (operators: readonly string[], values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(fc.constantFrom(...operators), values).map(([operator, text]) => `${operator}.${plain(text)}`);
  const several = (operators: readonly string[], values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(fc.constantFrom(...operators), fc.constantFrom('any', 'all'), listOf(values, ' , '))
      // Within a tree PostgREST takes no braces in braces, unless the whole stands in quotes.
      .map(
        ([operator, which, list]) =>
          `${operator}(${which}).${inTree && /[{}]/.test(list) ? quoted(`{${list}}`) : `{${list}}`}`,
      );
  const patterns = fc.constantFrom(...PATTERNS);
  const expressions = fc.constantFrom(...EXPRESSIONS);
  const ofText: Weighted<string>[] = [
    { weight: 6, arbitrary: one(['like', 'ilike'], patterns) },
    { weight: 3, arbitrary: several(['like', 'ilike'], patterns) },
    { weight: 4, arbitrary: one(['match', 'imatch'], expressions) },
    { weight: 1, arbitrary: several(['match', 'imatch'], expressions) },
  ];
  const test = fc.oneof(
    { weight: 8, arbitrary: one(['eq', 'neq', 'gt', 'gte', 'lt', 'lte'], value) },
    { weight: 3, arbitrary: several(['eq', 'gt', 'gte', 'lt', 'lte'], value) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('', '', ' '), listOf(value)).map(([blank, list]) => `in.(${blank}${list})`),
    },
    { weight: 3, arbitrary: fc.constantFrom(...IS[type === 'boolean' ? type : 'other']!).map((word) => `is.${word}`) },
    { weight: 2, arbitrary: one(['isdistinct'], value) },
    ...(type === 'string' ? ofText : []),
  );
  return fc.tuple(chance(20), test).map(([not, text]) => (not ? `not.${text}` : text));
};

const column = fc.constantFrom(...COLUMNS);
const filter: fc.Arbitrary<Parameter> = column.chain((name) =>
  testOf(name, false).map((test): Parameter => [name, test]),
);

const tree = (depth: number): fc.Arbitrary<string> => {
  const leaf = column.chain((name) => testOf(name, true).map((test) => `${name}.${test}`));
  if (depth === 0) return leaf;
  const branch = fc
    .tuple(fc.constantFrom('and', 'or', 'not.and', 'not.or'), fc.array(tree(depth - 1), { minLength: 1, maxLength: 3 }))
    .map(([word, of]) => `${word}(${of.join(',')})`);
  return fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 2, arbitrary: branch });
};
const treeFilter: fc.Arbitrary<Parameter> = fc
  .tuple(fc.constantFrom('and', 'or', 'not.and', 'not.or'), fc.array(tree(2), { minLength: 1, maxLength: 3 }))
  .map(([word, of]): Parameter => [word, `(${of.join(',')})`]);
const filters = fc.array(fc.oneof({ weight: 3, arbitrary: filter }, { weight: 1, arbitrary: treeFilter }), {
  maxLength: 3,
});

/** Casts that every value of the type takes. */
const CASTS: Readonly<Record<ColumnType, readonly string[]>> = {
  int32: ['text', 'bigint', 'float8', 'numeric', 'bool', 'int8', 'integer'],
  int64: ['text', 'bigint', 'numeric'],
  double: ['float8', 'double precision'],
  boolean: ['text', 'int', 'boolean'],
  date: ['text', 'timestamptz', 'date'],
  timestamp: ['timestamptz', 'date'],
  string: ['text', 'varchar'],
};
const alias = fc.constantFrom('', '', '', 'a:', 'b:', 'wine_name:');
const item = fc
  .tuple(
    alias,
    column.chain((name) =>
      fc.tuple(fc.constant(name), fc.option(fc.constantFrom(...CASTS[typeOf(name)]), { freq: 3 })),
    ),
  )
  .map(([name, [of, cast]]) => `${name}${of}${cast ? `::${cast}` : ''}`);
const select = fc.array(fc.oneof({ weight: 9, arbitrary: item }, { weight: 1, arbitrary: fc.constant('*') }), {
  minLength: 1,
  maxLength: 5,
});

const term = fc
  .tuple(column, fc.constantFrom('', '.asc', '.desc'), fc.constantFrom('', '', '.nullsfirst', '.nullslast'))
  .map((parts) => parts.join(''));
/** The number of the row at the end: which of two equal rows comes first, PostgreSQL does not say. */
const order = fc.array(term, { maxLength: 2 }).map((terms) => [...terms, 'id'].join(','));

const limits = fc.constantFrom('0', '1', '3', '10', '100', '479', '480', '1000');
const offsets = fc.constantFrom('0', '1', '3', '10', '100');
const page: fc.Arbitrary<Parameter[]> = fc
  .tuple(fc.option(limits, { freq: 3 }), fc.option(offsets, { freq: 3 }))
  .map(([limit, offset]) => [
    ...(limit === null ? [] : [['limit', limit] as const]),
    ...(offset === null ? [] : [['offset', offset] as const]),
  ]);

const PREFER = [
  ...['count=exact', 'count=exact', 'handling=strict', 'handling=lenient, count=exact', 'anything', 'return=minimal'],
  ...['timezone=UTC', 'handling=strict,count=exact', 'missing=default', 'count=exact,   handling=lenient, anything'],
];
const ACCEPT = [
  ...['application/json', '*/*', 'text/csv', 'application/vnd.pgrst.array+json;nulls=stripped'],
  ...['text/csv;q=0.5, application/json', 'application/vnd.pgrst.array+json'],
];
const headers = fc
  .record({
    prefer: fc.option(fc.constantFrom(...PREFER), { freq: 2 }),
    range: fc.option(fc.constantFrom('0-9', '5-', '0-0', '-5', 'x'), { freq: 8 }),
    accept: fc.option(fc.constantFrom(...ACCEPT), { freq: 3 }),
  })
  .map((given) =>
    Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null)),
  );

const method = fc.oneof(
  { weight: 9, arbitrary: fc.constant('GET' as const) },
  { weight: 1, arbitrary: fc.constant('HEAD' as const) },
);

const ofRows: fc.Arbitrary<Asking> = fc
  .tuple(filters, fc.option(select), fc.option(order), page, headers, method)
  .map(([conditions, items, terms, pages, given, how]) =>
    asking(
      [
        ...conditions,
        ...(items ? [['select', items.join(',')] as const] : []),
        ...(terms ? [['order', terms] as const] : []),
        ...pages,
      ],
      given,
      how,
    ),
  );

/** The one row that there is, as an object. */
const ofOne: fc.Arbitrary<Asking> = fc
  .tuple(fc.integer({ min: 1, max: 480 }), fc.option(select), fc.constantFrom('', ';nulls=stripped'), fc.nat(9), method)
  .map(([id, items, form, other, how]) =>
    asking(
      [
        ['id', other === 0 ? 'lt.3' : other === 1 ? 'lt.0' : `eq.${id}`],
        ...(items ? [['select', items.join(',')] as const] : []),
      ],
      { accept: `application/vnd.pgrst.object+json${form}` },
      // Of HEAD both say no more than that there is nothing to say.
      other < 2 ? 'GET' : how,
    ),
  );

const aggregate = fc.tuple(alias, column).chain(([name, of]) => {
  const type = typeOf(of);
  const words = [
    'count',
    ...(type === 'boolean' ? [] : ['min', 'max']),
    ...(/^(int|double)/.test(type) ? ['sum', 'avg'] : []),
  ];
  return fc.constantFrom(...words).map((word) => `${name}${of}.${word}()`);
});
const counts = fc.constantFrom('count()', 'n:count()');

/** Groups; their order and pages only where that says which they are. */
const ofGroups: fc.Arbitrary<Asking> = fc
  .tuple(
    filters,
    fc.uniqueArray(fc.constantFrom(...COLUMNS.slice(1)), { maxLength: 2 }),
    fc.array(fc.oneof({ weight: 4, arbitrary: aggregate }, { weight: 1, arbitrary: counts }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.boolean(),
    page,
    headers,
    method,
  )
  .map(([conditions, keys, aggregates, ordered, pages, { range: _range, ...given }, how]) =>
    asking(
      [
        ...conditions,
        ['select', [...keys, ...aggregates].join(',')],
        ...(ordered && keys.length > 0 ? [['order', keys.join(',')] as const, ...pages] : []),
      ],
      given,
      how,
    ),
  );

const sound: fc.Arbitrary<Asking> = fc.oneof(
  { weight: 14, arbitrary: ofRows },
  { weight: 2, arbitrary: ofOne },
  { weight: 4, arbitrary: ofGroups },
);

export const randomRequest: fc.Arbitrary<Asking> = fc.oneof(
  { weight: 4, arbitrary: sound },
  { weight: 1, arbitrary: spoil(ofRows) },
);
