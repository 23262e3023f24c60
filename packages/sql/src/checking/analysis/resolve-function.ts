import { parseType, splitTop } from './parse-type.ts';
import { SIGNATURES } from './signatures.ts';
import { ANY, common, fits, isSame, NULL, shownType, type Type, type } from './sql-types.ts';

type Overload = { takes: readonly Type[]; gives: Type; shown: string };
type Signature = { kind: 'scalar' | 'aggregate' | 'window'; overloads: readonly Overload[] };

/** The last argument of these may be given any number of times; SHOW FUNCTIONS does not tell. */
const VARIADIC = new Set(['concat', 'concat_ws', 'greatest', 'least', 'map_concat']);

const readOverload = (name: string, text: string): Overload => {
  const [takes = '', gives = ''] = text.replaceAll('_', ' ').split('>');
  const types = splitTop(takes);
  return {
    takes: types.map((one) => parseType(one.toLowerCase())),
    gives: parseType(gives.toLowerCase()),
    shown: `${name}(${types.join(', ')})`,
  };
};

const KINDS = { '*': 'aggregate', '~': 'window' } as const;
let known: ReadonlyMap<string, Signature> | undefined;
const signatures = (): ReadonlyMap<string, Signature> => {
  known ??= new Map(
    SIGNATURES.trim()
      .split('\n')
      .map((line) => {
        const [head = '', ...overloads] = line.split(' ');
        const name = head.replace(/[*~]$/, '');
        const kind = KINDS[head.at(-1) as '*' | '~'] ?? 'scalar';
        return [name, { kind, overloads: overloads.map((text) => readOverload(name, text)) }] as const;
      }),
  );
  return known;
};

export const kindOf = (name: string): Signature['kind'] | undefined => signatures().get(name)?.kind;

/** An argument of a call: its type, or for a lambda what its body comes to once its own arguments have types. */
export type Argument = Type | { lambda: (takes: readonly Type[]) => Type; arity: number };
const isLambda = (one: Argument): one is Exclude<Argument, Type> => 'lambda' in one;

type Bindings = Map<string, Type>;

/** Whether an argument fits a parameter; binds the variables of the parameter to what makes it fit. */
const unify = (wanted: Type, given: Type, bound: Bindings): boolean => {
  if (wanted.name.startsWith('$')) {
    const all = common(bound.get(wanted.name) ?? NULL, given);
    if (all) bound.set(wanted.name, all);
    return all !== undefined;
  }
  if (wanted.of.length === 0 || given.name === 'any' || given.name === 'unknown') return fits(given, wanted);
  if (given.name !== wanted.name || given.of.length !== wanted.of.length) return false;
  return wanted.of.every((one, n) => unify(one, given.of[n] as Type, bound));
};

const resolved = (one: Type, bound: Bindings): Type => {
  if (one.name.startsWith('$')) return bound.get(one.name) ?? ANY;
  return one.of.length === 0 ? one : { ...one, of: one.of.map((inner) => resolved(inner, bound)) };
};

type Match = { gives: Type; takes: readonly Type[]; isExact: boolean };

const match = (overload: Overload, given: readonly Argument[], isVariadic: boolean): Match | undefined => {
  const { takes } = overload;
  const last = takes.at(-1);
  if (isVariadic && last ? given.length < takes.length - 1 : given.length !== takes.length) return undefined;
  const wanted = given.map((_, n) => takes[n] ?? (last as Type));
  const bound: Bindings = new Map();
  // What lambdas take is known by the other arguments.
  for (const [n, one] of given.entries()) {
    const isFunction = wanted[n]?.name === 'function';
    if (isLambda(one) !== isFunction) return undefined;
    if (!isLambda(one) && !unify(wanted[n] as Type, one, bound)) return undefined;
  }
  for (const [n, one] of given.entries()) {
    if (!isLambda(one)) continue;
    const inner = (wanted[n] as Type).of;
    if (inner.length - 1 !== one.arity) return undefined;
    const body = one.lambda(inner.slice(0, -1).map((each) => resolved(each, bound)));
    if (!unify(inner.at(-1) as Type, body, bound)) return undefined;
  }
  const isExact = given.every((one, n) => isLambda(one) || isSame(resolved(wanted[n] as Type, bound), one));
  return { gives: resolved(overload.gives, bound), takes: wanted.map((one) => resolved(one, bound)), isExact };
};

/** The overload whose parameters fit into those of all the others, which is Trino's choice. */
const mostSpecific = (matches: readonly Match[]): Match | undefined => {
  const exact = matches.find(({ isExact }) => isExact);
  if (exact) return exact;
  const narrower = (a: Match, b: Match) => a.takes.every((one, n) => fits(one, b.takes[n] as Type));
  return matches.find((one) => matches.every((other) => narrower(one, other)));
};

/** What a call gives, or why there is no such function, in Trino's words. */
export const resolveFunction = (name: string, given: readonly Argument[]): { gives: Type } | { mismatch: string } => {
  const signature = signatures().get(name);
  if (!signature) return { gives: ANY };
  const matches = signature.overloads.flatMap((one) => match(one, given, VARIADIC.has(name)) ?? []);
  if (matches.length > 0) {
    const found = mostSpecific(matches);
    const gives = found?.gives ?? matches[0]?.gives ?? ANY;
    return { gives: found || matches.every((one) => isSame(one.gives, gives)) ? gives : ANY };
  }
  const types = given.map((one) => (isLambda(one) ? '<function>' : shownType(one)));
  const expected = signature.overloads.map(({ shown }) => shown);
  return {
    mismatch: `Unexpected parameters (${types.join(', ')}) for function ${name}. Expected: ${expected.join(', ')}`,
  };
};

export const interval = (unit: string): Type =>
  type(/^(year|month)/i.test(unit) ? 'interval year to month' : 'interval day to second');
