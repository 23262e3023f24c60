/**
 * Requests that are always made: each operator with each type and value that is hard, and what has its own rule in
 * PostgREST. Long: a list of requests.
 */
import { type Asking, fromLine } from './asking.ts';

const HARD: Readonly<Record<string, readonly string[]>> = {
  id: ['1', '480', '0', '+7', ' 12 ', '2147483647', '-2147483648'],
  year: ['1970', '2000', '-1', '0', '2147483647', '-2147483648'],
  total: ['0', '7', '9007199254740993', '9007199254740992', '9223372036854775807', '-9223372036854775808'],
  quantity: ['0', '0.1', '-0.1', '.5', '1e15', '1.2345678901234568e+20', '1e-7', 'NaN', 'Infinity', '-Infinity'],
  is_total: ['true', 'f', 'yes', 'off', '1', ' TRUE '],
  day: ['1970-01-01', '2000-02-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity', '2024-1-5'],
  at: ['1970-01-01', '2024-02-29T12:00:00.001Z', '2024-02-29 12:00:00.12', '2024-02-29T09:00:00.001-03:00', 'infinity'],
  product: ['Tinto', 'İstanbul', 'Hebdon, John', 'ΟΔΟΣ', 'straße', 'Vinho', ''],
  note: ['', ' ', 'null', 'a,b', 'x"y', '(z)', '{a,b}', '\\', '🍇', 'tab\there', "it's", 'a.b', 'true'],
};
const COMPARISONS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'isdistinct', 'not.eq', 'not.lt', 'not.isdistinct'];

/** Each comparison with each hard value; written out they are some 680. */
const comparisons = Object.entries(HARD).flatMap(([column, values]) =>
  values.flatMap((value) => COMPARISONS.map((operator) => `${column}=${operator}.${value}`)),
);

const PATTERNS = [
  ...[
    '*',
    '%',
    '_',
    '',
    'T*',
    '*o',
    '*a*',
    'a_b',
    'a\\_b',
    '*\\\\*',
    '*\\%',
    'istanbul',
    'İSTANBUL',
    '*σ',
    '*ς',
    '*Σ*',
    'οδο_',
  ],
  ...[
    'STRASSE',
    'straße',
    'STRAßE',
    'ẞ',
    'ß',
    '🍇*',
    '__',
    '*"*',
    'null',
    'k',
    'K',
    'ǆ',
    'Ǆ',
    'ﬁ',
    'FI',
    '*,*',
    '*É*',
    '(*)',
    '{*',
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
    '^.{5}$',
    '(tin|bran)to',
    'x*',
    '\\.',
    '^İ',
    'σ',
    'SUCO',
    'ß',
    '^$',
    '^ $',
  ],
  ...[
    'é',
    'a|b',
    '\\\\',
    '"',
    '[^a-z]',
    'l{2}',
    '(?:a,b)',
    '[,(]',
    'o\nl',
    '^lines',
    'two$',
    '^two.lines$',
    '\t',
    '[áé]',
    'a{2,}',
  ],
];
const texts = [
  ...PATTERNS.flatMap((text) =>
    ['product', 'note'].flatMap((column) => [`${column}=like.${text}`, `${column}=ilike.${text}`]),
  ),
  ...EXPRESSIONS.flatMap((text) =>
    ['product', 'note'].flatMap((column) => [`${column}=match.${text}`, `${column}=imatch.${text}`]),
  ),
];

const LINES = String.raw`
select=
select=*
select=id,*
select= id , year 
select=id,id,a:id
select="id",a:"year"
select=is_total::int,year::bool,total::numeric,id::numeric,year::decimal
select=day::timestamptz,at::date,day::text
select=product::text,is_total::text,year::text,total::text
select=quantity::text
select=at::text
select=year::json
select=count
select=count()
select=n:count()
select=year,count
select=year,count()
select=total.sum(),total.min(),total.max(),total.count()
select=year.sum(),year.avg(),id.avg()
select=total.avg()
select=product.min(),product.max(),note.min(),note.max(),note.count()
select=day.min(),day.max(),at.min(),at.max()
select=is_total,total.sum()
select=product,id.count()&order=product
select=product,id.count()&order=product.desc&limit=3&offset=2
select=year::text,id.count()
select=year::float8.sum()
select=quantity::int.sum()&quantity=lt.100
select=year.sum()::text
select=total.sum()::text
select=year.avg()::int&id=lt.10
select=year,n:count()&order=n.desc,year
select=a:year&order=a
select=product.sum()
select=is_total.max()
select=nothing
select=id::color
select=id.median()
select=others(*)
select=*,..others(id)
select=year::int&select=id
select=total::int&limit=3
select=total::int&order=id.desc&limit=1
select=product,id.count() | prefer: count=exact
select=id.count()&year=eq.7 | prefer: count=exact
limit=ten
order=year.desc,id
order=year.asc.nullsfirst,id
order=year.desc.nullslast,id.desc
order=product.desc,id
order=note.nullsfirst,id
order=quantity.desc,id
order=day.desc.nullsfirst,id
order=at,id
order=is_total.desc,id
order=total.desc,id&limit=20
order=product,year.desc,total.nullsfirst,id
order=id&order=id.desc
order=id.desc&limit=5&limit=2
order=
order=id.up
order=nothing
order=id,
limit=2&limit=3
limit=3&limit=2
limit=3&limit=
limit=0
limit=0&offset=3
limit=-1
limit=x
limit=1.5
limit=
offset=
offset=-1&limit=3
offset=470
offset=479
offset=480
offset=481
offset=481 | prefer: count=exact
offset=480 | prefer: count=exact
offset=1&offset=3&limit=1
limit=5&offset=10 | prefer: count=exact
limit=5 | range: 0-9
limit=5 | range: 3-9
offset=5 | range: 2-9
 | range: 0-9
 | range: 5-
 | range: 479-600
 | range: 480-600
 | range: 10-4
 | range: x
 | range: items=0-9
 | range: 0-0 | prefer: count=exact
HEAD |  | range: 0-9
HEAD | 
HEAD | limit=5 | prefer: count=exact
HEAD | year=eq.1970 | prefer: count=exact
HEAD | select=nothing
HEAD | limit=-1
HEAD |  | accept: text/csv
 | prefer: count=exact
 | prefer: count=none
 | prefer: count=planned
limit=5 | prefer: count=estimated
limit=5 | prefer: count=planned, count=exact
limit=5 | prefer: count=exact, count=planned
limit=5 | prefer: handling=strict
limit=5 | prefer: handling=lenient
limit=5 | prefer: handling=lenient, handling=strict, anything
limit=5 | prefer: handling=strict, anything
limit=5 | prefer: anything, handling=strict, more
limit=5 | prefer: handling=strict, count=none
limit=5 | prefer: handling=strict, max-affected=5
limit=5 | prefer: max-affected=5
limit=5 | prefer: timezone=UTC
limit=5 | prefer: timezone=America/Sao_Paulo
limit=5 | prefer: handling=strict, timezone=America/Sao_Paulo
limit=5 | prefer: handling=strict, timezone=Nowhere
limit=5 | prefer: return=representation, missing=default, resolution=merge-duplicates
limit=5 | prefer: handling=strict, return=minimal, count=exact
limit=5 | prefer: tx=rollback
limit=5 | prefer: tx=commit, count=exact, handling=lenient
limit=5 | accept: application/json
limit=5 | accept: */*
limit=5 | accept: application/vnd.pgrst.array+json
limit=20 | accept: application/vnd.pgrst.array+json;nulls=stripped
limit=20 | accept: application/vnd.pgrst.array;nulls=stripped
select=year,note&limit=20 | accept: application/vnd.pgrst.array+json;nulls=stripped
id=eq.0 | accept: application/vnd.pgrst.array+json;nulls=stripped
id=eq.1 | accept: application/vnd.pgrst.object+json
id=eq.8 | accept: application/vnd.pgrst.object+json;nulls=stripped
id=eq.8 | accept: application/vnd.pgrst.object;nulls=stripped
id=eq.0 | accept: application/vnd.pgrst.object+json
id=lt.5 | accept: application/vnd.pgrst.object+json
id=lt.5&limit=1 | accept: application/vnd.pgrst.object+json
id=lt.5&limit=1 | accept: application/vnd.pgrst.object+json | prefer: count=exact
limit=5 | accept: text/csv
id=eq.0 | accept: text/csv
select=note&note=in.("a\\b","x\"y","two") | accept: text/csv
limit=5 | accept: text/csv;q=0.5, application/json
limit=5 | accept: image/png
limit=5 | accept: application/xml, image/png
limit=5 | accept: application/xml, application/json;q=0.1
product=in.( "Hebdon, John","David White")
product=in.("Hebdon, John" ,"David White")
product=in.(Tinto,Branco)
product=in.(Tinto, Branco)
product=not.in.(Tinto,Branco)
year=in.(   )
year=in.()
year=not.in.()
year=in.("")
note=in.("")
note=in.(,)
note=in.("a,b","x\"y","\\")
note=in.(a\b)
year=in.(,)
id=in.(1 ,2)
id=in.( 1, 2 )
id=in. (1,2)
id=in.(1,2) 
id=in.(1,2
id=in.1,2
id=eq(any).{1,2}
id=eq(any). { 1 , 2 } 
id=eq(any).{}
id=eq(any).{ }
id=eq(all).{}
id=not.eq(any).{}
id=eq(any).{1,,2}
id=eq(any).{1,2,}
id=eq(any).{1,2}x
id=eq(any).1
id=eq(any).{1
id=eq(any).{"1"}
id=eq(any).{1,x}
id=eq(any).{{1,2},{3,4}}
id=eq(any).[1:2]={1,2}
year=eq(any).{1970,NULL}
year=not.eq(any).{1970,NULL}
year=eq(all).{1970,null}
year=not.eq(all).{1970,NULL}
year=gt(all).{1970,2000}
year=gt(any).{1970,2000}
note=eq(any).{null}
note=eq(any).{"null"}
note=eq(any).{nu\ll}
note=eq(any).{ a , b }
note=eq(any).{"a,b" ,"x\"y"}
note=eq(any).{a\,b, \\ ,"{"}
note=eq(any).{ "a b" , a b }
note=eq(any).{a"b"}
note=eq(any).{"a"b}
note=eq(any).{""}
note=like(any).{*a*,null}
note=like(all).{*a*,*b*}
note=not.like(any).{*a*,*b*}
product=ilike(any).{istanbul,*σ}
product=match(any).{^T,o$}
product=match(all).{^T,o$}
product=imatch(any).{^t,STRASSE}
product=eq(some).{a}
product=neq(any).{a}
product=in(any).(a)
year=is.null
year=not.is.null
year=is.NULL
is_total=is.true
is_total=is.False
is_total=is.unknown
is_total=not.is.true
note=is.not_null
year=is.true
year=is.nul
year=like.*1*
year=match.1
at=ilike.2*
product=like.a\
product=like.T\
product=match.(
product=match.[a
product=match.a{2,1}
product=match.*
product=match.a**
product=match.\w+
product=match.(.)\1
product=match.(?=T)
product=match.^\yT
product=match.[[:alpha:]]+
product=match.a{300}
year=eq.x
year=eq.1.5
year=eq.2147483648
total=eq.9223372036854775808
quantity=eq.1e400
quantity=eq.x
is_total=eq.maybe
day=eq.2001-02-29
day=eq.x
at=eq.2024-02-29T25:00:00Z
nothing=eq.1
nothing=is.null
others.id=eq.1
year=almost.1
year=not.
year=not.not.eq.1
year=cs.{1}
note=fts.a
foo=bar
year=2000
or=(id.eq.1,id.eq.2)
or=( id.eq.1 , id.eq.2 )
and=(id.gt.1,id.lt.5)
not.or=(id.lt.470,id.eq.475)
not.and=(id.gt.5,year.gt.0)
or=(year.is.null,not.and(year.gt.0,total.lt.0))
or=(id.in.(1,2),note.eq."a,b")
or=(id.in.("1","2"),product.in.("Hebdon, John"))
or=(id.eq(any).{1,2},id.eq.3)
or=(id.eq(any)."{1,2}",id.eq.3)
or=(note.like(any).{a*,x*},id.eq.3)
or=(product.match."^(T|B)",id.eq.1)
or=(product.not.imatch.^t,id.eq.1)
or=(note.eq.,id.eq.1)
or=(note.eq."",id.eq.1)
or=(note.is.null,note.isdistinct.null)
or=(not.id.eq.1)
or=(id.not.eq.1)
or=()
or=(id.eq.1
or=(id.eq.1,)
or=id.eq.1
and=(id.eq.1))
or=(nothing.eq.1)
or=(id)
or=(xor(id.eq.1))
id=eq.1&id=eq.2
id=gt.5&id=lt.9
"id"=eq.1
`;

export const FIXED: readonly Asking[] = [...comparisons, ...texts, ...LINES.trim().split('\n')].map((line) =>
  fromLine(line.replace(/^ \| /, ' | ')),
);
