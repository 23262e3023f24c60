/** One thing wrong in a request that is otherwise sound. Of two, each server names the one that it meets first. */
import fc from 'fast-check';
import { type Asking, asking } from './asking.ts';

type Fault = (request: Asking) => Asking;

const parameter =
  (name: string, value: string): Fault =>
  ({ query, headers, method }) =>
    asking([...query.filter(([other]) => !RESERVED.has(name) || other !== name), [name, value]], headers, method);
const RESERVED: ReadonlySet<string> = new Set(['select', 'order', 'limit', 'offset']);

const header =
  (name: string, value: string): Fault =>
  ({ query, headers, method }) =>
    asking(query, { ...headers, [name]: value }, method);

const parameters = (lines: readonly string[]): Fault[] =>
  lines.map((line) => parameter(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)));

const FAULTS: readonly Fault[] = [
  ...parameters([
    // Values that are none of the type.
    ...[
      'year=eq.x',
      'year=gt.1.5',
      'year=lt.',
      'year=eq.2147483648',
      'id=in.(1,x)',
      'id=in.("")',
      'year=eq(any).{1,b}',
    ],
    ...['total=eq.1e3', 'total=gte.9223372036854775808', 'total=in.(null)', 'quantity=eq.abc', 'quantity=lt.1e400'],
    ...[
      'quantity=gt.0x',
      'is_total=eq.maybe',
      'is_total=in.(true,2)',
      'day=eq.x',
      'day=gt.2001-02-29',
      'day=lt.1970-13-01',
    ],
    ...['at=eq.yesterdayx', 'at=lt.2024-02-29T25:00:00Z', 'at=gte.', 'year=eq.null', 'is_total=isdistinct.x'],
    // Operators and words that there are not, or not for the type.
    ...[
      'year=like.*1*',
      'at=ilike.2*',
      'is_total=like.t*',
      'year=match.1',
      'day=imatch.1',
      'year=almost.1',
      'product=is.nul',
    ],
    ...[
      'year=is.true',
      'product=is.false',
      'day=is.unknown',
      'product=like.a\\',
      'note=ilike.\\',
      'product=match.(',
      'note=imatch.[a',
    ],
    ...[
      'product=eq(some).{a}',
      'product=neq(any).{a}',
      'product=in.a',
      'product=in(any).(a)',
      'year=not.',
      'year=not.not.eq.1',
    ],
    ...['product=like(all).{a,\\}', 'product=match.a{2,1}', 'product=match.*', 'product=imatch.a**'],
    // Columns that there are not.
    ...[
      'nothing=eq.1',
      'nothing=is.null',
      'select=nothing',
      'select=a:nothing,id',
      'order=nothing',
      'or=(nothing.eq.1,id.eq.1)',
    ],
    // Selects, orders and trees that are not well formed.
    ...['select=id,', 'select=,id', 'select=id::', 'select=id::color', 'select=id.sum', 'select=id.median()'],
    ...[
      'order=id.up',
      'order=id,,year',
      'order=',
      'order=id.desc.nulls',
      'or=()',
      'or=(id.eq.1',
      'and=id.eq.1',
      'or=(id.eq.1,)',
    ],
    ...[
      'not.or=(id)',
      'and=(id.eq.1))',
      'or=(and(id.eq.1),or())',
      'select=others(*)',
      'others.id=eq.1',
      'select=*,..others(id)',
    ],
    // Casts and aggregates that there are not for the type.
    ...['select=is_total::date', 'select=year::date', 'select=day::int', 'select=product::bigint', 'select=total::int'],
    ...[
      'select=product.sum()',
      'select=is_total.max()',
      'select=day.avg()',
      'select=is_total.sum()',
      'select=year::bogus.sum()',
    ],
    ...['limit=-1', 'limit=-5'],
  ]),
  ...['10-4', '500-400'].map((range) => header('range', range)),
  ...['image/png', 'application/xml', 'text/html'].map((accept) => header('accept', accept)),
  ...[
    'handling=strict, anything',
    'anything,handling=strict',
    'handling=strict, count=none',
    'handling=strict, timezone=Nowhere',
  ].map((prefer) => header('prefer', prefer)),
];

/** Requests with one fault. Pages are left out: an offset may be beyond the rows, which is another. */
export const spoil = (sound: fc.Arbitrary<Asking>): fc.Arbitrary<Asking> =>
  fc.tuple(sound, fc.constantFrom(...FAULTS)).map(([request, fault]) => {
    const { range: _range, accept: _accept, prefer: _prefer, ...headers } = request.headers;
    const query = request.query.filter(([name]) => name !== 'limit' && name !== 'offset');
    return fault(asking(query, headers));
  });
