import {
  ArithmeticBinaryContext,
  ArithmeticUnaryContext,
  ConcatenationContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { type Analysis, CAST_ONE, type Handlers, mismatch } from './analysis.ts';
import { resolveFunction } from './resolve-function.ts';
import type { Scope } from './scope.ts';
import { ANY, common, DATE, DAYS, isNumber, MONTHS, NULL, shownType, TIMESTAMP, type Type } from './sql-types.ts';

const isInterval = (type: Type): boolean => type === DAYS || type === MONTHS || type.name.startsWith('interval');
const MOMENTS = new Set(['date', 'time', 'time with time zone', 'timestamp', 'timestamp with time zone']);
const isMoment = ({ name }: Type): boolean => MOMENTS.has(name);

/** What `left sign right` gives; undefined where Trino has no such operator. */
export const arithmetic = (left: Type, sign: string, right: Type): Type | undefined => {
  if (left.name === 'any' || right.name === 'any') return ANY;
  if (left.name === 'unknown' && right.name === 'unknown') return NULL;
  if (left.name === 'unknown') return isNumber(right) ? right : ANY;
  if (right.name === 'unknown') return isNumber(left) ? left : ANY;
  if (isNumber(left) && isNumber(right)) return common(left, right);
  if (sign === '+' && isMoment(right) && isInterval(left)) return right;
  if ((sign === '+' || sign === '-') && isInterval(right)) {
    if (isMoment(left)) return left;
    return left.name === right.name ? left : undefined;
  }
  if (sign === '*' && isInterval(right) && isNumber(left)) return right;
  if ((sign === '*' || sign === '/') && isInterval(left) && isNumber(right)) return left;
  const bothMoments = isMoment(left) && isMoment(right) && common(left, right);
  return sign === '-' && bothMoments ? DAYS : undefined;
};

const wayOutOf = (left: Type, right: Type): string => {
  const isDay = [left, right].some(({ name }) => name === DATE.name || name === TIMESTAMP.name);
  return isDay ? "Days are added as INTERVAL '1' DAY, or by date_add('day', 1, x)" : CAST_ONE;
};

/** By a loop, as chains are as long as their text. */
const binary = (node: ArithmeticBinaryContext, scope: Scope, { typeOf }: Analysis): Type => {
  const [left, right] = node.valueExpression().map((one) => typeOf(one, scope)) as [Type, Type];
  const sign = node.getChild(1)?.getText() ?? '';
  const gives = arithmetic(left, sign, right);
  if (gives) return gives;
  const place = node._operator ?? node.start;
  throw mismatch(place, `Cannot apply operator: ${shownType(left)} ${sign} ${shownType(right)}`, {
    wayOut: wayOutOf(left, right),
  });
};

const unary = (node: ArithmeticUnaryContext, scope: Scope, { typeOf }: Analysis): Type => {
  const type = typeOf(node.valueExpression(), scope);
  if (type.name === 'any' || type.name === 'unknown' || isNumber(type) || isInterval(type)) return type;
  throw mismatch(node.start, `Cannot negate ${shownType(type)}`);
};

const concatenation = (node: ConcatenationContext, scope: Scope, { typeOf }: Analysis): Type => {
  const found = resolveFunction(
    'concat',
    node.valueExpression().map((one) => typeOf(one, scope)),
  );
  if ('gives' in found) return found.gives;
  throw mismatch(node.CONCAT().symbol, found.mismatch, { code: 'FUNCTION_NOT_FOUND', wayOut: CAST_ONE });
};

export const OPERATORS: Handlers = [
  [ArithmeticBinaryContext, binary],
  [ArithmeticUnaryContext, unary],
  [ConcatenationContext, concatenation],
];
